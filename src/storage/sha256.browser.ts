/**
 * SHA-256 in JavaScript, which browsers offer none besides that gives its result at once.
 */

export { sha256 } from '@noble/hashes/sha2.js'
