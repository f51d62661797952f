/**
 * The operator's page: a few files that hold no secrets. All that it shows comes by the API.
 */

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Hono } from 'hono'
import { hasSession } from '../guard.ts'
import { HTML_TYPE, htmlPage } from '../html.ts'
import type { Credentials } from '../guard.ts'

/** Where the build puts the page, seen from dist and from src */
const BUILT = ['../../page/', '../../../../dist/src/node/page/'].map(path => fileURLToPath(new URL(path, import.meta.url)))

const INDEX = 'index.html'

/** Other files are not given */
const TYPES: Record<string, string> = {
  '.html': HTML_TYPE,
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml'
}

/** Scripts, styles and answers of this node and of nobody else; what others have written cannot bring any of its own */
const POLICY = [
  'default-src \'none\'',
  'script-src \'self\'',
  'style-src \'self\'',
  'connect-src \'self\'',
  'img-src \'self\' data:',
  'base-uri \'none\'',
  'form-action \'none\'',
  'frame-ancestors \'none\''
].join('; ')

interface PageFile {
  content: Uint8Array<ArrayBuffer>
  type: string
  etag: string
}

/** The folder with the page, of this package */
export function pageFolder (): string {
  return BUILT.find(folder => existsSync(join(folder, INDEX))) ?? BUILT[0]
}

/**
 * Serves the files of a folder, and none besides: names are looked up among them, no path is made of a request.
 */
export function pageRoutes (folder: string, credentials: Credentials): Hono {
  let loading: Promise<Map<string, PageFile>> | undefined
  const files = async (): Promise<Map<string, PageFile>> => {
    loading ??= loadFiles(folder)

    return loading
  }

  return new Hono()
    .get('/', async context => {
      const index = (await files()).get(INDEX)

      if (index == null) {
        return context.html(htmlPage('No page', 'The page was not built with this node. Use the libp2p-voting command instead.'), 404)
      }

      if (!hasSession(context, credentials)) {
        return context.html(htmlPage('Not let in yet', 'Run "libp2p-voting open" on the machine of the node. It prints a link that opens this page, and opens it.'), 401)
      }

      return give(index, context.req.header('if-none-match'))
    })
    .get('/:file{[\\w.-]+\\.(js|css|svg)}', async (context, next) => {
      const file = (await files()).get(context.req.param('file'))

      if (file == null) {
        await next()

        return
      }

      return give(file, context.req.header('if-none-match'))
    })
}

function give ({ content, type, etag }: PageFile, known?: string): Response {
  const headers = {
    'content-type': type,
    'content-security-policy': POLICY,
    // its names stay the same when the node is another version
    'cache-control': 'no-cache',
    etag
  }

  return known === etag ? new Response(null, { status: 304, headers }) : new Response(content, { headers })
}

async function loadFiles (folder: string): Promise<Map<string, PageFile>> {
  if (!existsSync(folder)) {
    return new Map()
  }

  const names = (await readdir(folder, { withFileTypes: true })).filter(entry => entry.isFile() && TYPES[extname(entry.name)] != null)
  const files = await Promise.all(names.map(async ({ name }): Promise<[string, PageFile]> => {
    const content = new Uint8Array(await readFile(join(folder, name)))
    const etag = `"${createHash('sha256').update(content).digest('base64url')}"`

    return [name, { content, type: TYPES[extname(name)], etag }]
  }))

  return new Map(files)
}
