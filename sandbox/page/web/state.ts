import { computed, signal } from '@preact/signals'
import type {
  BotState,
  Change,
  Frame,
  ShownEphemeral,
  ShownMessage,
  ShownNotifications,
  ShownSteps,
  ShownView,
} from '../shown.ts'
import type { Reader } from './reader.ts'

/** The parts that the page has received, by key. */
export const sent = signal<ReadonlyMap<string, unknown>>(new Map())
export const isConnected = signal(false)

/** The id of this page as a Slack client: after a reload it is a new client without open modals. */
export const client = crypto.randomUUID()
/** The person that the visitor acts as, stored for this tab. */
export const me = signal(sessionStorage.getItem('me') ?? 'U0ANA')
/** The `ts` of the thread that is open beside the channel. */
export const openThread = signal<string | null>(null)
export const shownTab = signal<'channel' | 'home'>('channel')
/** Whether the panel Behind the scenes is open on screens that have no room for it. */
export const isOutsideOpen = signal(false)
/** A line that the page proposes to type; a new object each time, so that the same line can be proposed again. */
export const suggestion = signal<{ readonly line: string } | null>(null)
/** Dismissed ephemerals, by `ts`. */
const dismissed = signal<ReadonlySet<string>>(new Set())
/** The text that screen readers announce. */
export const announced = signal('')
/** The last post that each person has read. */
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
export const notifications = part<ShownNotifications>('notifications')
export const botState = part<BotState>('bot')
export const steps = part<ShownSteps>('steps')

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

/** How many posts each person was notified of and has not read. */
export const unread = computed<Readonly<Record<string, number>>>(() => {
  const counts: Record<string, number> = {}
  for (const { user, ts } of notifications.value ?? [])
    if (ts > (read.value[user] ?? '')) counts[user] = (counts[user] ?? 0) + 1
  return counts
})

/** Switches to another person. */
export function switchPerson(user: string): void {
  markRead()
  sessionStorage.setItem('me', user)
  sent.value = new Map([...sent.value].filter(([key]) => !/^(ephemeral:|modal$|home$)/.test(key)))
  me.value = user
  shownTab.value = 'channel'
  toasts.value = []
}

/** Marks the person's notifications as read. */
export function markRead(): void {
  const last = (notifications.value ?? []).filter(({ user }) => user === me.value).at(-1)?.ts
  if (last === undefined || (read.value[me.value] ?? '') >= last) return
  read.value = { ...read.value, [me.value]: last }
  sessionStorage.setItem('read', JSON.stringify(read.value))
}

export function dismiss(ts: string): void {
  dismissed.value = new Set([...dismissed.value, ts])
}

let lastToast = 0
const toastMs = 8_000

/** More toasts would cover the list of people. */
const toastsShown = 2

/** Shows a toast for a while. */
export function toast(note: Omit<Toast, 'id'>): void {
  lastToast += 1
  const id = lastToast
  toasts.value = [...toasts.value, { ...note, id }].slice(-toastsShown)
  setTimeout(() => dropToast(id), toastMs)
}

export function dropToast(id: number): void {
  toasts.value = toasts.value.filter((each) => each.id !== id)
}

/** Applies a change. */
export function applyChange({ isFirst, set, gone }: Change): void {
  const next = new Map(isFirst ? [] : sent.value)
  for (const key of gone) next.delete(key)
  for (const [key, value] of Object.entries(set)) next.set(key, value)
  sent.value = next
}
