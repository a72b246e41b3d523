/** Whether something is so. `unclear`: it cannot be told from what is known. */
export type Known = 'yes' | 'no' | 'unclear'

export function knownFrom(is: boolean): Known {
  return is ? 'yes' : 'no'
}

/** Whether all are so. */
export function allOf(each: readonly Known[]): Known {
  if (each.includes('no')) return 'no'
  return each.includes('unclear') ? 'unclear' : 'yes'
}

/** Whether any is so. */
export function anyOf(each: readonly Known[]): Known {
  return opposite(allOf(each.map(opposite)))
}

/** Whether it is not so. */
export function opposite(known: Known): Known {
  if (known === 'unclear') return known
  return known === 'yes' ? 'no' : 'yes'
}
