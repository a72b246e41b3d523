/**
 * `twokey demo`. The sandbox is a package for development: the image, and an install without such packages, do not
 * include it.
 */
export async function demo(how: 'play' | 'page'): Promise<0 | 1 | 2> {
  const sandbox = await import('../../sandbox/demo/demo.ts').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
    return null
  })
  if (sandbox !== null) return sandbox.demo(how)
  console.error(
    'The demo is not part of this installation: it comes only with the source code. In a clone of the repository, run `npm ci && npm run demo`.',
  )
  return 2
}
