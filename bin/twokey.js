#!/usr/bin/env node
// Plain JavaScript that Node 18 can parse: an older Node cannot load the TypeScript behind it, and would not say why.
const [major] = process.versions.node.split('.')
if (Number(major) < 24) {
  console.error(
    `twokey needs Node 24 or newer; this is Node ${process.versions.node}. \`npm ci\` without \`--omit=dev\` installs one, and \`npm start\` uses it.`,
  )
  process.exit(2)
}
await import('../src/main.ts')
