import { crc32, deflateSync, inflateSync } from 'node:zlib'

/** The part of PNG that screenshots use. Source: W3C Portable Network Graphics, third edition. */

type Chunk = { readonly type: string; readonly body: Buffer }

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
/** The number of colors in a palette. */
const colours = 256
/** The upper bits of each channel, which group similar colors. */
const kind = 0xe0e0e0
const kindsKept = 160

/**
 * Reduces a picture to 256 colors, replacing others by the nearest: a third of the size.
 * @param png 8 bits a channel, RGB, not interlaced, as browsers create for an opaque page
 */
export function smallPng(png: Buffer): Buffer {
  const chunks = chunksOf(png)
  const header = chunks.find(({ type }) => type === 'IHDR')!.body
  if (header.readUInt16BE(8) !== 0x0802 || header[12] !== 0) throw new Error('The picture is not plain RGB.')
  const width = header.readUInt32BE(0)
  const body = Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map((chunk) => chunk.body))
  const pixels = pixelsOf(inflateSync(body), width)
  const palette = frequent(pixels)
  const lines = indexed(pixels, palette, width)
  const slim = Buffer.from(header)
  slim[9] = 3
  const table = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]))
  return Buffer.concat([
    signature,
    chunk('IHDR', slim),
    chunk('PLTE', table),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunksOf(png: Buffer): readonly Chunk[] {
  const chunks: Chunk[] = []
  for (let at = signature.length; at < png.length; ) {
    const length = png.readUInt32BE(at)
    chunks.push({
      type: png.toString('latin1', at + 4, at + 8),
      body: png.subarray(at + 8, at + 8 + length),
    })
    at += 12 + length
  }
  return chunks
}

function chunk(type: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body])
  const frame = Buffer.alloc(4)
  frame.writeUInt32BE(body.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(named))
  return Buffer.concat([frame, named, sum])
}

/** Decodes the filters of the lines; returns a number 0xRRGGBB for each pixel. */
function pixelsOf(filtered: Buffer, width: number): Uint32Array {
  const stride = width * 3
  const height = filtered.length / (stride + 1)
  const bytes = new Uint8Array(stride * height)
  for (let y = 0; y < height; y += 1) {
    const filter = filtered[y * (stride + 1)]!
    for (let x = 0; x < stride; x += 1) {
      const left = x < 3 ? 0 : bytes[y * stride + x - 3]!
      const up = y === 0 ? 0 : bytes[(y - 1) * stride + x]!
      const corner = x < 3 || y === 0 ? 0 : bytes[(y - 1) * stride + x - 3]!
      bytes[y * stride + x] =
        filtered[y * (stride + 1) + 1 + x]! +
        [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter]!
    }
  }
  return Uint32Array.from(
    { length: width * height },
    (_, at) => (bytes[at * 3]! << 16) | (bytes[at * 3 + 1]! << 8) | bytes[at * 3 + 2]!,
  )
}

function paeth(left: number, up: number, corner: number): number {
  const [byLeft, byUp, byCorner] = [
    Math.abs(up - corner),
    Math.abs(left - corner),
    Math.abs(left + up - 2 * corner),
  ]
  if (byLeft <= byUp && byLeft <= byCorner) return left
  return byUp <= byCorner ? up : corner
}

/** The most frequent color of each group, by frequency of the groups, then the most frequent other colors. */
function frequent(pixels: Uint32Array): readonly number[] {
  const counts = new Map<number, number>()
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1)
  const byCount = [...counts].toSorted(([, one], [, other]) => other - one).map(([colour]) => colour)
  const kinds = new Map<number, number>()
  for (const colour of byCount) if (!kinds.has(colour & kind)) kinds.set(colour & kind, colour)
  const ofKinds = [...kinds.values()].slice(0, kindsKept)
  return [...new Set([...ofKinds, ...byCount])].slice(0, colours)
}

/** Lines of palette entries, unfiltered. */
function indexed(pixels: Uint32Array, palette: readonly number[], width: number): Buffer {
  const entries = new Map(palette.map((colour, entry) => [colour, entry]))
  const lines = Buffer.alloc(pixels.length + pixels.length / width)
  pixels.forEach((pixel, at) => {
    const entry = entries.get(pixel) ?? nearest(pixel, palette)
    entries.set(pixel, entry)
    lines[at + Math.floor(at / width) + 1] = entry
  })
  return lines
}

function nearest(colour: number, palette: readonly number[]): number {
  const distances = palette.map((other) =>
    [16, 8, 0].reduce((sum, shift) => sum + (((colour >> shift) & 255) - ((other >> shift) & 255)) ** 2, 0),
  )
  return distances.indexOf(Math.min(...distances))
}
