/**
 * The files of the operator's page, which the build makes and the control API serves: these and no others, whatever else there
 * is in the folder.
 */

/** Where the build puts them, below dist. The folder of the page's modules is for tests, and is not published. */
export const PAGE_FOLDER = 'src/node/page-bundle'

export const PAGE_INDEX = 'index.html'

/** Media types by the name of the file */
export const PAGE_FILES: Record<string, string> = {
  [PAGE_INDEX]: 'text/html; charset=utf-8',
  'app.js': 'text/javascript; charset=utf-8',
  'style.css': 'text/css; charset=utf-8'
}
