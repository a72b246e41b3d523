/** Elements by their names; a list repeats its element. */
export type Xml = { readonly [name: string]: Xml | string | number | boolean | readonly (Xml | string)[] }

/** Elements as text. */
export function element(content: Xml): string {
  return Object.entries(content)
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((each) => tagged(name, each)))
    .join('')
}

function tagged(name: string, value: Xml | string | number | boolean): string {
  return `<${name}>${typeof value === 'object' ? element(value) : escaped(String(value))}</${name}>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
