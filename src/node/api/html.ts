/**
 * The few pages that the node writes itself. They need no style and no script.
 */

export const HTML_TYPE = 'text/html; charset=utf-8'

/** A page with a heading and a text; `next` is where it leads to at once */
export function htmlPage (title: string, text: string, next?: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
${next == null ? '' : `<meta http-equiv="refresh" content="0; url=${escape(next)}">\n`}<title>${escape(title)}</title>
</head>
<body>
<h1>${escape(title)}</h1>
<p>${escape(text)}</p>
${next == null ? '' : `<p><a href="${escape(next)}">Go on</a></p>\n`}</body>
</html>
`
}

/** Whether who asks is a browser that shows pages to people */
export function wantsHtml (accept: string = ''): boolean {
  return accept.includes('text/html')
}

function escape (text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
