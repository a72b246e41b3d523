import process from 'node:process'

/**
 * Loaded before the bot: ends it where whoever started it is gone, `kill -9` included. Nobody writes into the pipe; its
 * end is the word. The bot itself knows nothing of it.
 */
process.stdin.once('end', () => process.kill(process.pid, 'SIGKILL'))
process.stdin.resume()
;(process.stdin as NodeJS.ReadStream).unref()
