/**
 * What browsers are told about all answers: no other site may frame or read them, nothing is guessed, nothing is kept.
 */

import type { MiddlewareHandler } from 'hono'

const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'x-frame-options': 'DENY',
  // answers hold what others have written
  'content-security-policy': 'default-src \'none\'; frame-ancestors \'none\'; base-uri \'none\'; form-action \'none\'',
  'cache-control': 'no-store'
}

/** Sets what the answer itself does not say */
export function secureHeaders (): MiddlewareHandler {
  return async (context, next) => {
    await next()

    for (const [name, value] of Object.entries(HEADERS)) {
      if (!context.res.headers.has(name)) {
        context.res.headers.set(name, value)
      }
    }
  }
}
