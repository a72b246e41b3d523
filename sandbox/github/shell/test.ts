import type { ShellState } from './program.ts'

type Files = Pick<ShellState, 'files' | 'path'>
type Check = (one: string, other: string) => boolean

const number = (check: (one: number, other: number) => boolean): Check => {
  return (one, other) => {
    if (!/^-?\d+$/.test(one) || !/^-?\d+$/.test(other)) return false
    return check(Number(one), Number(other))
  }
}

const binary: Readonly<Record<string, Check>> = {
  '=': (one, other) => one === other,
  '==': (one, other) => one === other,
  '!=': (one, other) => one !== other,
  '<': (one, other) => one < other,
  '>': (one, other) => one > other,
  '-eq': number((one, other) => one === other),
  '-ne': number((one, other) => one !== other),
  '-lt': number((one, other) => one < other),
  '-le': number((one, other) => one <= other),
  '-gt': number((one, other) => one > other),
  '-ge': number((one, other) => one >= other),
}
const patterns: Readonly<Record<string, Check>> = {
  ...binary,
  '=': (one, other) => fits(one, other),
  '==': (one, other) => fits(one, other),
  '!=': (one, other) => !fits(one, other),
  '=~': (one, other) => new RegExp(other).test(one),
}
const isFile = (value: string, shell: Files) => shell.files.has(shell.path(value))
const unary: Readonly<Record<string, (value: string, shell: Files) => boolean>> = {
  '-z': (value) => value === '',
  '-n': (value) => value !== '',
  '-e': isFile,
  '-f': isFile,
  '-r': isFile,
  '-s': (value, shell) => (shell.files.get(shell.path(value)) ?? '') !== '',
  '-d': (value, shell) => [...shell.files.keys()].some((path) => path.startsWith(`${shell.path(value)}/`)),
}

function fits(text: string, pattern: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's').test(text)
}

/** Evaluates `[ … ]`, or `[[ … ]]`, which compares texts with patterns. */
export function isTestTrue(words: readonly string[], compared: 'texts' | 'patterns', shell: Files): boolean {
  const left = [...words]
  const checks = compared === 'patterns' ? patterns : binary
  const either = (): boolean => {
    let result = both()
    while (left[0] === '||' || left[0] === '-o') {
      left.shift()
      result = both() || result
    }
    return result
  }
  const both = (): boolean => {
    let result = single()
    while (left[0] === '&&' || left[0] === '-a') {
      left.shift()
      result = single() && result
    }
    return result
  }
  const single = (): boolean => {
    if (left[0] === '!' && left.length > 1) {
      left.shift()
      return !single()
    }
    if (left[0] === '(' && left.length > 2) {
      left.shift()
      const result = either()
      left.shift()
      return result
    }
    const check = checks[left[1] ?? '']
    if (check && left.length >= 3) {
      const [one, , other] = left.splice(0, 3) as [string, string, string]
      return check(one, other)
    }
    const alone = unary[left[0] ?? '']
    if (alone && left.length >= 2) return alone(left.splice(0, 2)[1]!, shell)
    return (left.shift() ?? '') !== ''
  }
  return either()
}
