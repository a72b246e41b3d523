import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { html, type Shown } from './html.ts'

/** The end of a list of messages. */
export type End = {
  /** The scrolling list; its only child contains the messages. */
  readonly list: RefObject<HTMLDivElement | null>
  /** Whether there is a new message below the visible part. */
  readonly hasNewMessages: boolean
  goTo(): void
}

/** The distance from the end that still counts as the end, px. */
const nearPx = 60

/**
 * Keeps the list scrolled to its end while the reader is there, also when the list or its messages change their size. A
 * reader who scrolled up stays there, and is informed of new messages.
 * @param newest the `ts` of the last message
 */
export function useEnd(newest = '0'): End {
  const list = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  const last = useRef(newest)
  const [hasNewMessages, setNewMessages] = useState(false)
  const keep = () => {
    if (isAtEnd.current && list.current) list.current.scrollTop = list.current.scrollHeight
  }
  const goTo = () => {
    isAtEnd.current = true
    setNewMessages(false)
    keep()
  }
  useEffect(() => {
    const element = list.current
    if (!element) return undefined
    const look = () => {
      isAtEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < nearPx
      if (isAtEnd.current) setNewMessages(false)
    }
    const sizes = new ResizeObserver(keep)
    for (const each of [element, ...element.children]) sizes.observe(each)
    element.addEventListener('scroll', look, { passive: true })
    return () => {
      sizes.disconnect()
      element.removeEventListener('scroll', look)
    }
  }, [])
  useLayoutEffect(() => {
    if (Number(newest) > Number(last.current) && !isAtEnd.current) setNewMessages(true)
    last.current = newest
  }, [newest])
  return { list, hasNewMessages, goTo }
}

/** A button that scrolls to the new messages. */
export function ToEnd({ list, hasNewMessages, goTo }: End): Shown {
  const go = () => {
    goTo()
    list.current?.focus()
  }
  return html`<div class="to-end">${hasNewMessages && html`<button type="button" class="button slim" onClick=${go}><span aria-hidden="true">↓</span> New messages</button>`}</div>`
}
