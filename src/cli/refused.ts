/** Prints why a command was called or configured wrongly, and returns its exit status. */
export function refused(why: string): 2 {
  console.error(why)
  return 2
}
