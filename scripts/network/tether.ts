/**
 * Ends a node when the script that has started it is gone, however that ended: loaded before the binary, by --import. Its
 * standard input is a pipe that nobody writes to, and that the system closes with the script.
 */

import { isMainThread } from 'node:worker_threads'

// it is loaded into the threads of a node, too, which have no input
if (isMainThread) {
  process.stdin.once('close', () => {
    // as its operator would. Before the node listens to signals, and in a second attempt, this ends it at once
    process.kill(process.pid, 'SIGTERM')
  })
  process.stdin.resume()
}
