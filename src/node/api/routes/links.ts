import { OpenAPIHono, z } from '@hono/zod-openapi'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { hasSession } from '../guard.ts'
import { HTML_TYPE, htmlPage, wantsHtml } from '../html.ts'
import { PUBLIC, operation } from '../operation.ts'
import { toProblem } from '../problems.ts'
import { linkInfo, openQuery } from '../schemas/access.ts'
import { json } from '../schemas/describe.ts'
import { SESSION_TIME } from '../sessions.ts'
import type { Credentials } from '../guard.ts'

const second = 1_000

const createLink = operation({
  method: 'post',
  path: '/links',
  operationId: 'createLink',
  tags: ['access'],
  summary: 'Make a link that lets a browser in',
  description: 'It is good once, and for 5 minutes. The browser gets a cookie for it, which is good until it was not used for 12 hours or the node ends.',
  responses: { 201: json(linkInfo, 'The link') }
})

const openLink = operation({
  method: 'get',
  path: '/open',
  operationId: 'openLink',
  tags: ['access'],
  summary: 'Open a link',
  description: 'For browsers: sets the cookie and leads to the page. A link that is not good is explained in HTML to those who accept that.',
  security: PUBLIC,
  request: { query: openQuery },
  responses: {
    200: {
      description: 'A page that leads to the node\'s own page',
      headers: z.object({ 'set-cookie': z.string().optional() }),
      content: { 'text/html': { schema: z.string() } }
    }
  }
}, 'LinkNotValidError')

const endSession = operation({
  method: 'delete',
  path: '/session',
  operationId: 'endSession',
  tags: ['access'],
  summary: 'End the session of the cookie that comes with the request',
  responses: { 204: { description: 'It has ended, or there was none' } }
})

/** How a browser is let in: links, which anybody may open that has one */
export function openRoutes (credentials: Credentials): OpenAPIHono {
  const routes = new OpenAPIHono()

  routes.openapi(openLink, async context => {
    const entered = (): Response => context.html(htmlPage('libp2p-voting', 'You are let in.', '/'), 200)

    // hono answers HEAD by this route, too, which is not to use a link
    if (context.req.method === 'HEAD') {
      return entered()
    }

    try {
      // not by a redirect: a browser that was led here from elsewhere does not send its new cookie along with one
      setCookie(context, credentials.cookieName(), await credentials.sessions.open(context.req.valid('query').code), {
        path: '/',
        httpOnly: true,
        sameSite: 'Strict',
        maxAge: SESSION_TIME / second
      })
    } catch (err) {
      // who goes back to a link that was used is in already
      if (hasSession(context, credentials)) {
        return entered()
      }

      if (!wantsHtml(context.req.header('accept'))) {
        throw err
      }

      const { title, detail, status } = toProblem(err as Error)

      return new Response(htmlPage(title, detail), { status, headers: { 'content-type': HTML_TYPE } })
    }

    return entered()
  })

  return routes
}

/** How links to the API at a URL are made, by those who are in */
export function linkRoutes ({ sessions, cookieName }: Credentials, url: () => string): OpenAPIHono {
  const routes = new OpenAPIHono()

  routes.openapi(createLink, context => {
    const { code, expiresAt } = sessions.createLink()

    return context.json({ url: `${url()}/open?code=${code}`, expiresAt: Math.floor(expiresAt / second) }, 201)
  })
  routes.openapi(endSession, async context => {
    const session = getCookie(context, cookieName())

    if (session != null) {
      await sessions.end(session)
      deleteCookie(context, cookieName(), { path: '/' })
    }

    return context.body(null, 204)
  })

  return routes
}
