import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect } from 'aegir/chai'
import { Hono } from 'hono'
import pWaitFor from 'p-wait-for'
import { VotingClient } from '../../src/client/index.ts'
import { RateLimit } from '../../src/node/api/rate.ts'
import { pageRoutes } from '../../src/node/api/routes/page.ts'
import { LINK_TIME, SESSION_TIME, Sessions } from '../../src/node/api/sessions.ts'
import { createNode } from '../../src/node/index.ts'
import { call, expectProblem } from '../utils/api.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { NodeInit, VotingNode } from '../../src/node/index.ts'
import type { Answer } from '../utils/api.ts'
import type { IncomingMessage } from 'node:http'

describe('access to the control API', () => {
  const folder = useTempFolder()
  let node: VotingNode

  afterEach(async () => {
    await node?.stop()
  })

  async function start (init: NodeInit = {}): Promise<void> {
    node = await createNode({ dataDirectory: join(folder.path, 'data'), lockDirectory: join(folder.path, 'locks'), local: true, ...init })
  }

  async function link (): Promise<string> {
    const { url } = await new VotingClient(node.api).createLink()

    expect(url.startsWith(`${node.api.url}/`)).to.equal(true)

    return url.slice(node.api.url.length)
  }

  /** Opens a link, and gives the cookie that came for it */
  async function enter (): Promise<string> {
    const { headers } = await call(node.api.url, 'GET', await link())

    return String(headers['set-cookie']).split(';')[0]
  }

  function origin (): string {
    return new URL(node.api.url).origin
  }

  describe('by a link', () => {
    beforeEach(async () => {
      await start()
    })

    it('sets a cookie that scripts and other sites do not get, and leads to the page', async () => {
      const { status, headers, text } = await call(node.api.url, 'GET', await link())

      expect(status).to.equal(200)
      expect(headers['set-cookie']?.[0]).to.match(new RegExp(`^libp2p-voting-${new URL(node.api.url).port}=[\\w-]{43}; Max-Age=43200; Path=/; HttpOnly; SameSite=Strict$`))
      expect(headers).to.include({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff' })
      expect(headers['content-security-policy']).to.include('default-src \'none\'')
      expect(text).to.include('<meta http-equiv="refresh" content="0; url=/">')
    })

    it('is possible once', async () => {
      const path = await link()
      const accept = { accept: 'text/html,*/*' }

      expect((await call(node.api.url, 'HEAD', path)).headers['set-cookie']).to.equal(undefined)
      expect((await call(node.api.url, 'GET', path)).status).to.equal(200)
      expectProblem(await call(node.api.url, 'GET', path), 410, 'LinkNotValidError', /has been used.*libp2p-voting open/)
      expectProblem(await call(node.api.url, 'GET', '/open?code=x'), 410, 'LinkNotValidError', /none of this node/)
      expectProblem(await call(node.api.url, 'GET', '/open'), 400, 'InvalidInputError', /code: must be the code of a link, and is missing/)

      const page = await call(node.api.url, 'GET', path, { headers: accept })

      expect(page).to.include({ status: 410, type: 'text/html; charset=utf-8' })
      expect(page.text).to.match(/has been used.*libp2p-voting open/)
      expect((await call(node.api.url, 'GET', path, { headers: { ...accept, cookie: await enter() } })).text).to.include('url=/')
    })

    it('is possible for five minutes, and twelve hours without use', async () => {
      let now = 0
      const file = join(folder.path, 'sessions')
      const sessions = new Sessions(file, () => now)
      const { code, expiresAt } = sessions.createLink()

      expect(expiresAt).to.equal(LINK_TIME)
      now = LINK_TIME
      await expect(sessions.open(code)).to.eventually.be.rejectedWith(/has expired: each is good for 5 minutes/)

      const session = await sessions.open(sessions.createLink().code)

      expect(await readFile(file, 'utf8')).to.not.include(session)
      now += SESSION_TIME - 1
      expect(sessions.use(session)).to.equal(true)
      now += SESSION_TIME - 1
      expect(sessions.use(session)).to.equal(true)
      now += SESSION_TIME
      expect(sessions.use(session)).to.equal(false)
      await sessions.stop()
    })

    it('forgets the oldest links and sessions', async () => {
      const sessions = new Sessions(join(folder.path, 'sessions'))
      const links = Array.from({ length: 101 }, () => sessions.createLink().code)

      await expect(sessions.open(links[0])).to.eventually.be.rejectedWith(/none of this node/)
      expect(sessions.use(await sessions.open(links[1]))).to.equal(true)
    })

    it('lets the page read', async () => {
      const cookie = await enter()

      for (const headers of [{}, { origin: origin() }, { 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }] as Array<Record<string, string>>) {
        expect((await call(node.api.url, 'GET', '/id', { headers: { cookie, ...headers } })).body).to.include({ voter: node.voter })
      }

      expect((await call(node.api.url, 'GET', '/events', { headers: { cookie } })).text).to.match(/^: connected\nid: \d+-\d+\n\n$/)
    })

    it('lets our own page write, and no other', async () => {
      const cookie = await enter()
      const join = async (headers: Record<string, string>): Promise<Answer> => call(node.api.url, 'POST', '/scopes', { headers: { cookie, ...headers }, body: '{"name":"lobby"}' })

      expectProblem(await join({}), 403, 'ForbiddenOriginError', /POST needs the Origin or Sec-Fetch-Site of the node's own page/)
      expectProblem(await join({ 'sec-fetch-site': 'none' }), 403, 'ForbiddenOriginError', /needs the Origin/)
      expectProblem(await join({ origin: 'null' }), 403, 'ForbiddenOriginError', /The Origin must be http:\/\/127/)
      expectProblem(await join({ origin: 'http://127.0.0.1:1' }), 403, 'ForbiddenOriginError', /The Origin must be http:\/\/127/)
      expectProblem(await join({ origin: origin(), 'sec-fetch-site': 'same-site' }), 403, 'ForbiddenOriginError', /got Sec-Fetch-Site "same-site"/)
      expectProblem(await call(node.api.url, 'GET', '/id', { headers: { cookie, 'sec-fetch-site': 'cross-site' } }), 403, 'ForbiddenOriginError', /cross-site/)
      expect(node.voting.scopes()).to.deep.equal([])

      expect((await join({ origin: origin() })).status).to.equal(201)
      expect((await join({ 'sec-fetch-site': 'same-origin' })).status).to.equal(200)
    })

    it('ends when it is told to, and is refused then', async () => {
      const cookie = await enter()

      expect((await call(node.api.url, 'DELETE', '/session', { headers: { cookie, origin: origin() } })).status).to.equal(204)
      expectProblem(await call(node.api.url, 'GET', '/id', { headers: { cookie } }), 401, 'UnauthorizedError', /session has ended.*libp2p-voting open/)
    })

    it('ends the waiting for a decision, for who is let in by it and for nobody else', async () => {
      const [cookie, other] = [await enter(), await enter()]

      await node.voting.join('lobby')

      const { proposalId } = await node.voting.propose('lobby', { name: 'Go?', expectedVotersCount: 1, timeoutSeconds: 600 })
      const wait = async (headers: Record<string, string>): Promise<Answer> => call(node.api.url, 'GET', `/scopes/lobby/proposals/${proposalId}/decision?waitSeconds=50`, { headers })
      const decision = node.voting.decision.bind(node.voting)
      let waiting = 0

      node.voting.decision = async (...args) => {
        waiting++

        return decision(...args)
      }

      const hers = wait({ cookie })
      const others = [wait({ cookie: other }), wait({ authorization: `Bearer ${node.api.token}` })]

      await pWaitFor(() => waiting === 3)
      expect((await call(node.api.url, 'DELETE', '/session', { headers: { cookie, origin: origin() } })).status).to.equal(204)
      expectProblem(await hers, 401, 'UnauthorizedError', /session has ended/)
      await node.voting.vote('lobby', proposalId, true)

      for (const { body } of await Promise.all(others)) {
        expect(body).to.include({ state: 'reached', result: 'yes' })
      }
    })

    it('ends what is sent of what happens, for who is let in by it and for nobody else', async () => {
      const [cookie, other] = [await enter(), await enter()]
      const following = async (headers: Record<string, string>): Promise<IncomingMessage> => {
        const sent = request(`${node.api.url}/events`, { headers }).end()
        const [response] = await once(sent, 'response') as [IncomingMessage]

        await once(response, 'data')

        return response
      }
      const hers = await following({ cookie })
      const others = await Promise.all([following({ cookie: other }), following({ authorization: `Bearer ${node.api.token}`, cookie })])

      const ended = once(hers, 'end')

      await call(node.api.url, 'DELETE', '/session', { headers: { cookie, origin: origin() } })
      await ended

      // they are still told what happens
      const told = Promise.all(others.map(async response => once(response, 'data')))

      await node.voting.join('lobby')
      await node.voting.propose('lobby', { name: 'Still there?', expectedVotersCount: 1 })

      for (const [chunk] of await told) {
        expect(`${chunk}`).to.include('event: proposal')
      }

      others.forEach(response => { response.destroy() })
    })

    it('ends what is sent once it is given up for newer ones, or refused', async () => {
      let now = 0
      const sessions = new Sessions(join(folder.path, 'sessions'), () => now)
      const open = async (): Promise<string> => sessions.open(sessions.createLink().code)
      const first = await open()
      const ending = sessions.signal(first)

      for (let count = 1; count < 100; count++) {
        await open()
      }

      expect(ending.aborted).to.equal(false)

      const last = sessions.signal(await open())

      expect(ending.aborted).to.equal(true)
      expect(sessions.signal(first).aborted).to.equal(true)
      expect(last.aborted).to.equal(false)
      await sessions.stop()

      const session = await open()
      const expiring = sessions.signal(session)

      now += SESSION_TIME
      expect(sessions.use(session)).to.equal(false)
      expect(expiring.aborted).to.equal(true)
      await sessions.stop()
    })

    it('goes on after the node was started again', async () => {
      const port = Number(new URL(node.api.url).port)
      const cookie = await enter()

      await node.stop()
      await start({ apiPort: port })
      expect((await call(node.api.url, 'GET', '/id', { headers: { cookie } })).status).to.equal(200)

      // what cannot be read lets nobody in
      await node.stop()
      await writeFile(join(folder.path, 'data', 'api.sessions'), '{')
      await start({ apiPort: port })
      expect((await call(node.api.url, 'GET', '/id', { headers: { cookie } })).status).to.equal(401)
    })
  })

  describe('to the page', () => {
    async function page (cookie?: string): Promise<Hono> {
      const page = join(folder.path, 'page')
      const sessions = new Sessions(join(folder.path, 'sessions'))

      await mkdir(join(page, 'more'), { recursive: true })
      await writeFile(join(page, 'index.html'), '<title>Page</title>')
      await writeFile(join(page, 'app.js'), 'run()')
      await writeFile(join(page, 'app.js.map'), '{}')
      await writeFile(join(page, 'more', 'more.js'), 'more()')
      await writeFile(join(folder.path, 'secret.js'), 'secret()')
      session = await sessions.open(sessions.createLink().code)

      return pageRoutes(page, { token: '', sessions, cookieName: () => 'session' })
    }

    let session: string

    it('is for who was let in; others are told how', async () => {
      const app = await page()
      const refused = await app.request('/')
      const given = await app.request('/', { headers: { cookie: `session=${session}` } })

      expect(refused.status).to.equal(401)
      expect(await refused.text()).to.include('libp2p-voting open')
      expect(given.status).to.equal(200)
      expect(await given.text()).to.equal('<title>Page</title>')
      expect(given.headers.get('content-security-policy')).to.include('default-src \'none\'; script-src \'self\'; style-src \'self\'').and.not.include('unsafe')
      expect((await app.request('/', { headers: { cookie: `session=${session}`, 'if-none-match': given.headers.get('etag') ?? '' } })).status).to.equal(304)
    })

    it('gives its own files and no others', async () => {
      const app = await page()
      const script = await app.request('/app.js')

      expect(await script.text()).to.equal('run()')
      expect(script.headers.get('content-type')).to.equal('text/javascript; charset=utf-8')

      for (const path of ['/app.js.map', '/more.js', '/more/more.js', '/../secret.js', '/..%2fsecret.js', '/%2e%2e/secret.js', '/more%2fmore.js', '/secret.js', '/.js']) {
        expect((await app.request(path)).status, path).to.equal(404)
      }
    })

    it('says so where there is none', async () => {
      const app = pageRoutes(join(folder.path, 'nowhere'), { token: '', sessions: new Sessions(join(folder.path, 'sessions')), cookieName: () => 'session' })

      expect(await (await app.request('/')).text()).to.include('was not built')
    })
  })

  describe('from elsewhere', () => {
    it('is possible at an address the operator gives, with a warning', async () => {
      const warnings: string[] = []

      await start({ apiHost: '0.0.0.0', apiAllowedHosts: ['vote.example.org', 'other.example.org:8443'], onWarning: message => warnings.push(message) })

      const { port } = new URL(node.api.url)
      const status = async (host: string, headers = {}): Promise<number> => (await call(node.api.url, 'GET', '/health/live', { headers: { host, ...headers } })).status

      expect(node.api.url).to.equal(`http://127.0.0.1:${port}`)
      expect(warnings.join()).to.match(/listens on 0\.0\.0\.0, where other machines reach it.*TLS/)

      for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, 'vote.example.org', 'VOTE.example.org:1234', 'other.example.org:8443']) {
        expect(await status(host), host).to.equal(200)
      }

      for (const host of ['example.org', `example.org:${port}`, 'vote.example.org.evil.org', `192.0.2.1:${port}`, 'other.example.org', 'other.example.org:1', 'localhost:1']) {
        expect(await status(host), host).to.equal(403)
      }

      expect(await status('vote.example.org', { origin: 'https://vote.example.org' })).to.equal(200)
      expect(await status('vote.example.org', { origin: 'https://other.example.org:8443' })).to.equal(403)
    })

    it('is possible by IPv6', async () => {
      await start({ apiHost: '::1' })

      const { port } = new URL(node.api.url)

      expect(node.api.url).to.equal(`http://[::1]:${port}`)
      expect((await (await fetch(`${node.api.url}/health/live`)).json())).to.include({ status: 'ok' })
    })

    it('takes addresses and names that make sense', async () => {
      for (const [init, message] of [
        [{ apiHost: 'localhost' }, /apiHost must be an IP address.*got "localhost"/],
        [{ apiAllowedHosts: ['http://x'] }, /apiAllowedHosts must be names.*got "http:\/\/x"/],
        [{ apiRequestsPerSecond: 0 }, /apiRequestsPerSecond must be more than 0, got 0/]
      ] as Array<[NodeInit, RegExp]>) {
        await expect(start(init)).to.eventually.be.rejectedWith(message)
      }

      await expect(start({ apiHost: '192.0.2.1' })).to.eventually.be.rejectedWith(/Cannot listen on 192\.0\.2\.1:0.*--api-host/)
    })
  })

  describe('of many', () => {
    it('is bounded for each address over time, with a burst', () => {
      let now = 0
      const limit = new RateLimit(10, () => now)
      const taken = (address: string, count: number): number => Array.from({ length: count }, () => limit.take(address)).filter(wait => wait == null).length

      expect(taken('a', 30)).to.equal(20)
      expect(limit.take('a')).to.be.closeTo(0.1, 1e-9)
      expect(taken('b', 30)).to.equal(20)
      now += 1_000
      expect(taken('a', 30)).to.equal(10)
      now -= 60_000
      expect(taken('a', 1)).to.equal(0)
    })

    it('is refused with the time to wait, which the client waits', async () => {
      await start({ apiRequestsPerSecond: 1 })

      const answers = await Promise.all(Array.from({ length: 10 }, async () => call(node.api.url, 'GET', '/health/live')))
      const refused = answers.filter(({ status }) => status === 429)

      expect(refused.length).to.be.within(1, 8)
      expectProblem(refused[0], 429, 'TooManyRequestsError', /too many requests/)
      expect(refused[0].headers['retry-after']).to.equal('1')
      expect(await new VotingClient(node.api).id()).to.include({ voter: node.voter })
    })
  })

  it('answers what is no HTTP by a problem', async () => {
    await start()

    const { port, hostname } = new URL(node.api.url)
    const send = async (request: string): Promise<string> => {
      const socket = connect(Number(port), hostname)

      await once(socket, 'connect')
      socket.write(request)

      return text(socket)
    }

    expect(await send('nonsense\r\n\r\n')).to.match(/^HTTP\/1\.1 400 Invalid request\r\ncontent-type: application\/problem\+json\r\n.*"The request is no HTTP: /s)
    expect(await send(`GET / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`)).to.match(/^HTTP\/1\.1 431 .*HeadersTooLargeError/s)
  })
})
