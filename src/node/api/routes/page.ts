/**
 * The operator's page: its three files, and the one-time links that let a browser in.
 */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Hono } from 'hono'
import { ApiError } from '../problems.ts'

const BUILT = [new URL('../../page/', import.meta.url), new URL('../../../../dist/src/node/page/', import.meta.url)]

const TYPES: Record<string, string> = {
  'index.html': 'text/html; charset=utf-8',
  'app.js': 'text/javascript; charset=utf-8',
  'style.css': 'text/css; charset=utf-8'
}

const HEADERS = {
  'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-cache'
}

/** Browsers that were let in by a one-time link; they stay so when the node starts again */
export class PageAccess {
  private readonly key: Uint8Array
  private readonly links = new Set<string>()

  constructor (dataDirectory: string) {
    const file = join(dataDirectory, 'page.key')

    if (!existsSync(file)) {
      writeFileSync(file, randomBytes(32), { mode: 0o600 })
    }

    this.key = readFileSync(file)
  }

  createLink (): string {
    const link = randomBytes(24).toString('base64url')

    this.links.add(link)

    return link
  }

  /** A cookie for a link, which is used up */
  redeem (link: string): string | undefined {
    if (this.links.delete(link)) {
      const id = randomBytes(24).toString('base64url')

      return `${id}.${this.sign(id)}`
    }
  }

  isValid (cookie: string): boolean {
    const [id, mac = ''] = cookie.split('.')
    const expected = this.sign(id)

    return mac.length === expected.length && timingSafeEqual(Buffer.from(mac), Buffer.from(expected))
  }

  private sign (id: string): string {
    return createHmac('sha256', this.key).update(id).digest('base64url')
  }
}

/** The files, which hold no secrets, and the end of a one-time link */
export function pageRoutes (access: PageAccess): Hono {
  const folder = BUILT.find(url => existsSync(new URL('index.html', url))) ?? BUILT[0]
  const serve = async (file: string): Promise<Response> => new Response(await readFile(fileURLToPath(new URL(file, folder))), { headers: { ...HEADERS, 'content-type': TYPES[file] } })

  return new Hono()
    .get('/', async () => serve('index.html'))
    .get('/app.js', async () => serve('app.js'))
    .get('/style.css', async () => serve('style.css'))
    .get('/links/:link', context => {
      const cookie = access.redeem(context.req.param('link'))

      if (cookie == null) {
        throw new ApiError('UnauthorizedError', 'This link was used already, or the node has started again since. Get a new one with: libp2p-voting open')
      }

      return new Response(null, { status: 303, headers: { location: '/', 'set-cookie': `libp2p-voting=${cookie}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${30 * 86_400}` } })
    })
}

export function linkRoutes (access: PageAccess): Hono {
  return new Hono().post('/links', context => context.json({ url: new URL(`/links/${access.createLink()}`, context.req.url).href }, 201))
}
