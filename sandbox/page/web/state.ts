import { computed, signal } from '@preact/signals'
import type { BotState, Change, Frame, ShownEphemeral, ShownMessage, ShownView, Told } from '../shown.ts'
import type { Reader } from './reader.ts'

/** What the page was sent, by key. */
export const sent = signal<ReadonlyMap<string, unknown>>(new Map())
export const isConnected = signal(false)

/** This page, as Slack knows its clients: loaded anew it is another one, and has no modal open. */
export const client = crypto.randomUUID()
/** Who the visitor is, kept for this tab. */
export const me = signal(sessionStorage.getItem('me') ?? 'U0ANA')
/** The thread that is open beside the channel, by its `ts`. */
export const openThread = signal<string | null>(null)
export const place = signal<'channel' | 'home'>('channel')
/** Whether the outside world is shown where there is no room beside the channel. */
export const isOutsideOpen = signal(false)
/** Dismissed ephemerals, by `ts`. */
const dismissed = signal<ReadonlySet<string>>(new Set())
/** What is said to screen readers. */
export const announced = signal('')
/** Up to which post each person has read. */
const read = signal<Readonly<Record<string, string>>>(JSON.parse(sessionStorage.getItem('read') ?? '{}'))
export const now = signal(Date.now())

export type Toast = {
  readonly id: number
  readonly title: string
  readonly text: string
  readonly ts?: string
}
export const toasts = signal<readonly Toast[]>([])

const part = <T>(key: string) => computed(() => sent.value.get(key) as T | undefined)

export const frame = part<Frame>('frame')
export const modal = part<ShownView | null>('modal')
export const home = part<ShownView | null>('home')
export const told = part<Told>('told')
export const botState = part<BotState>('bot')

const all = <T>(prefix: string) =>
  computed(() =>
    [...sent.value.entries()].flatMap(([key, value]) => (key.startsWith(prefix) ? [value as T] : [])),
  )

const byTs = <T extends { readonly ts: string }>(list: readonly T[]) =>
  list.toSorted((one, other) => Number(one.ts) - Number(other.ts))

const allMessages = all<ShownMessage>('message:')
const allEphemerals = all<ShownEphemeral>('ephemeral:')
export const messages = computed(() => byTs(allMessages.value))
export const ephemerals = computed(() =>
  byTs(allEphemerals.value).filter(({ ts }) => !dismissed.value.has(ts)),
)
export const services = all<unknown>('service:')
export const runs = all<unknown>('run:')

export const reader = computed<Reader>(() => ({
  me: me.value,
  users: frame.value?.users ?? {},
  groups: frame.value?.groups ?? {},
  channels: frame.value?.channels ?? {},
  zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  locale: navigator.language,
  now: now.value,
}))

/** How many posts each person was told of and has not seen. */
export const unread = computed<Readonly<Record<string, number>>>(() => {
  const counts: Record<string, number> = {}
  for (const { user, ts } of told.value ?? [])
    if (ts > (read.value[user] ?? '')) counts[user] = (counts[user] ?? 0) + 1
  return counts
})

/** Becomes another person. */
export function become(user: string): void {
  markRead()
  sessionStorage.setItem('me', user)
  sent.value = new Map([...sent.value].filter(([key]) => !/^(ephemeral:|modal$|home$)/.test(key)))
  me.value = user
  place.value = 'channel'
  toasts.value = []
}

/** Marks what the person was told of as read. */
export function markRead(): void {
  const last = (told.value ?? []).filter(({ user }) => user === me.value).at(-1)?.ts
  if (last === undefined || (read.value[me.value] ?? '') >= last) return
  read.value = { ...read.value, [me.value]: last }
  sessionStorage.setItem('read', JSON.stringify(read.value))
}

export function dismiss(ts: string): void {
  dismissed.value = new Set([...dismissed.value, ts])
}

let lastToast = 0
const toastMs = 8_000

/** More would cover the people beside them. */
const toastsShown = 2

/** Shows a note at the edge for a while. */
export function toast(note: Omit<Toast, 'id'>): void {
  lastToast += 1
  const id = lastToast
  toasts.value = [...toasts.value, { ...note, id }].slice(-toastsShown)
  setTimeout(() => dropToast(id), toastMs)
}

export function dropToast(id: number): void {
  toasts.value = toasts.value.filter((each) => each.id !== id)
}

/** Takes a change in. */
export function take({ anew, set, gone }: Change): void {
  const next = new Map(anew ? [] : sent.value)
  for (const key of gone) next.delete(key)
  for (const [key, value] of Object.entries(set)) next.set(key, value)
  sent.value = next
}
