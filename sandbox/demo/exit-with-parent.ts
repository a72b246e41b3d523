import process from 'node:process'

/**
 * Loaded before the bot: kills it when its parent process is gone, even after `kill -9`. Nobody writes to stdin; its
 * end means that the parent has ended. The bot itself does not know about this.
 */
process.stdin.once('end', () => process.kill(process.pid, 'SIGKILL'))
process.stdin.resume()
;(process.stdin as NodeJS.ReadStream).unref()
