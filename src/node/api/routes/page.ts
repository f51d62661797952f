/**
 * The operator's page: a few files that hold no secrets. All that it shows comes by the API.
 */

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Hono } from 'hono'
import { hasSession } from '../guard.ts'
import { htmlPage } from '../html.ts'
import { PAGE_FILES, PAGE_FOLDER, PAGE_INDEX } from '../page-files.ts'
import type { Credentials } from '../guard.ts'

/** Where the build puts the page, seen from dist and from src */
const BUILT = ['../../../../', '../../../../dist/'].map(path => fileURLToPath(new URL(`${path}${PAGE_FOLDER}/`, import.meta.url)))

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
  return BUILT.find(folder => existsSync(join(folder, PAGE_INDEX))) ?? BUILT[0]
}

/**
 * Serves the files of the page from a folder, and none besides: no path is made of a request.
 */
export function pageRoutes (folder: string, credentials: Credentials): Hono {
  let loading: Promise<Map<string, PageFile>> | undefined
  const files = async (): Promise<Map<string, PageFile>> => {
    loading ??= loadFiles(folder)

    return loading
  }

  const routes = new Hono().get('/', async context => {
    const index = (await files()).get(PAGE_INDEX)

    if (index == null) {
      return context.html(htmlPage('No page', 'The page was not built with this node. Use the libp2p-voting command instead.'), 404)
    }

    if (!hasSession(context, credentials)) {
      return context.html(htmlPage('Not let in yet', 'Run "libp2p-voting open" on the machine of the node. It prints a link that opens this page, and opens it.'), 401)
    }

    return give(index, context.req.header('if-none-match'))
  })

  for (const name of Object.keys(PAGE_FILES).filter(name => name !== PAGE_INDEX)) {
    routes.get(`/${name}`, async context => {
      const file = (await files()).get(name)

      return file == null ? context.notFound() : give(file, context.req.header('if-none-match'))
    })
  }

  return routes
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
  const names = Object.keys(PAGE_FILES).filter(name => existsSync(join(folder, name)))
  const files = await Promise.all(names.map(async (name): Promise<[string, PageFile]> => {
    const content = new Uint8Array(await readFile(join(folder, name)))
    const etag = `"${createHash('sha256').update(content).digest('base64url')}"`

    return [name, { content, type: PAGE_FILES[name], etag }]
  }))

  return new Map(files)
}
