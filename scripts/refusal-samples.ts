import type { BoundInput, DeclaredInput } from '../src/release/inputs.ts'
import type { Freeze } from '../src/release/policy/freeze.ts'
import type { Lock } from '../src/release/policy/lock.ts'
import type { Refusal } from '../src/release/refusal.ts'
import * as approvers from '../src/release/refusals/approvers.ts'
import * as asking from '../src/release/refusals/asking.ts'
import * as cards from '../src/release/refusals/cards.ts'
import * as channels from '../src/release/refusals/channels.ts'
import * as checks from '../src/release/refusals/checks.ts'
import * as commits from '../src/release/refusals/commits.ts'
import * as freezes from '../src/release/refusals/freezes.ts'
import * as gates from '../src/release/refusals/gates.ts'
import * as inputs from '../src/release/refusals/inputs.ts'
import * as locks from '../src/release/refusals/locks.ts'
import * as people from '../src/release/refusals/people.ts'
import * as reruns from '../src/release/refusals/reruns.ts'
import * as revisions from '../src/release/refusals/revisions.ts'
import * as trouble from '../src/release/refusals/trouble.ts'
import * as workflow from '../src/release/refusals/workflow.ts'

/** Every refusal of a file with sample values: the compiler reports missing ones. */
type Samples<File> = { readonly [Name in keyof File]: readonly Refusal[] }

/** The files of src/release/refusals, in the order of docs/refusals.md. */
export type Area = {
  readonly title: string
  readonly file: string
  readonly samples: Readonly<Record<string, readonly Refusal[]>>
}

const place = { service: 'blog-api', environment: 'prod' }
const services = ['blog-api', 'shop']
const environments = ['dev', 'prod']
const at = Date.UTC(2026, 10, 23, 12)
const hour = 60 * 60_000
const repository = 'myorg/blog-api'
const onBranch = { workflow: 'deploy.yml', branch: 'main', repository }
const sha = '3f2c1ab7d0e94c5b8a61f3e2d7c9b0a4518e6f23'
const tip = '9a0b1c2d3e4f5061728394a5b6c7d8e9f0a1b2c3'
const holder = {
  id: 'r-k3v9',
  requester: 'U0BEN',
  state: 'awaiting approval',
  buttons: ['Cancel'],
  rollback: 'possible',
} as const
const wanted = { environment: 'prod', required: 2 }
const leavesOut = { requesterMayApprove: false, authorsMayApprove: true }

const lock: Lock = {
  environment: 'prod',
  service: null,
  by: 'U0BEN',
  why: 'the database is being moved',
  since: at - hour,
  until: at + hour,
}
const freeze: Freeze = { until: at + hour, approvals: null, reason: 'nobody is here at the weekend' }

const no = {
  guest: { eligible: false, why: 'not_a_member', sentence: 'guests cannot request or approve releases' },
  none: {
    eligible: false,
    why: 'not_an_approver',
    sentence: '<@U0ANA> is not among the approvers',
  },
  noRequester: {
    eligible: false,
    why: 'not_an_approver',
    sentence: '<@U0ANA> is not among the requesters',
  },
  untold: {
    eligible: false,
    why: 'identity_unknown',
    sentence: 'Slack could not look you up: Slack answered internal_error',
  },
  unread: {
    eligible: false,
    why: 'group_unknown',
    sentence: 'the members of the user group S0DEPLOYERS could not be read: Slack answered internal_error',
  },
  shared: {
    eligible: false,
    why: 'channel_shared',
    sentence: 'this channel is shared with another organization, and the environment does not allow that',
  },
  hidden: { eligible: false, why: 'channel_unknown', sentence: 'twokey can no longer see this channel' },
} as const

const ofAsking: Samples<typeof asking> = {
  serviceUnknown: [asking.serviceUnknown('blog', services)],
  serviceUnknownForDeploy: [asking.serviceUnknownForDeploy('staging')],
  serviceUnknownThere: [asking.serviceUnknownThere({ service: 'shop', environment: 'dev' }, ['blog-api'])],
  serviceUnknownByNow: [asking.serviceUnknownByNow(place)],
  environmentUnknown: [asking.environmentUnknown('produ', environments)],
  noServiceInEnvironment: [asking.noServiceInEnvironment('staging', environments)],
  environmentUnknownToService: [
    asking.environmentUnknownToService({ service: 'shop', environment: 'dev' }, ['prod']),
  ],
  environmentUnknownToStatus: [
    asking.environmentUnknownToStatus({ service: 'shop', environment: 'dev' }, ['prod']),
  ],
  severalServices: [asking.severalServices('prod', services)],
  severalEnvironments: [asking.severalEnvironments('blog-api', environments)],
  inFlight: [asking.inFlight(place, holder)],
  migrationInProgress: [asking.migrationInProgress(place, { ...holder, state: 'rolled back' })],
  runInProgress: [asking.runInProgress(place, { ...holder, state: 'superseded' })],
  endNotSeen: [asking.endNotSeen(place, { ...holder, state: 'unknown', buttons: ['Look again', 'Settle'] })],
  releaseTooLarge: [
    asking.releaseTooLarge(place, { bytes: 291_000, part: 'inputs', partBytes: 267_000 }),
    asking.releaseTooLarge(place, { bytes: 291_000, part: 'changes', partBytes: 267_000 }),
  ],
  rollbackUnderWay: [asking.rollbackUnderWay(place, { ...holder, rollback: 'refused' })],
  emergencyNotAllowed: [asking.emergencyNotAllowed(place)],
  periodReversed: [asking.periodReversed('2026-11-25', '2026-11-24')],
  couldNotReadDay: [asking.couldNotReadDay('Slack has no time zone for your account')],
  nothingInFlight: [asking.nothingInFlight()],
}

const ofCommits: Samples<typeof commits> = {
  nothingToDeploy: [commits.nothingToDeploy(place, { commit: sha, revision: 'blog-api:43' })],
  notShippedThereFirst: [
    commits.notShippedThereFirst(place, { commit: sha, first: 'dev', branch: null, last: null }),
    commits.notShippedThereFirst(place, { commit: sha, first: 'dev', branch: 'develop', last: null }),
    commits.notShippedThereFirst(place, {
      commit: sha,
      first: 'dev',
      branch: null,
      last: { release: 'r-k3v9', outcome: 'failed' },
    }),
    commits.notShippedThereFirst(place, {
      commit: sha,
      first: 'dev',
      branch: null,
      last: { release: 'r-k3v9', outcome: null },
    }),
  ],
  refUnknown: [
    commits.refUnknown('v1.4.9', repository),
    commits.refUnknown('3f2c1', repository, 'a short commit has at least 7 digits'),
  ],
  refAmbiguous: [commits.refAmbiguous('v1.4', repository)],
  notOnBranch: [
    commits.notOnBranch({ commit: sha, ref: { as: 'branch', name: 'try-cache' } }, 'main', {
      at: tip,
      commits: 3,
    }),
  ],
  branchUnknown: [commits.branchUnknown('master', repository)],
}

const ofRevisions: Samples<typeof revisions> = {
  alreadyServing: [revisions.alreadyServing(place, 'blog-api:42')],
  revisionUnknown: [revisions.revisionUnknown(place, 'blog-api:420')],
  revisionOtherFamily: [
    revisions.revisionOtherFamily(place, { revision: 'blog-api:420', other: 'blog:420' }),
  ],
  otherFamilyByNow: [revisions.otherFamilyByNow(place, { shown: 'blog-api:42', revision: 'blog-api-v2:42' })],
  revisionInactive: [revisions.revisionInactive(place, 'blog-api:12')],
  revisionUnfit: [
    revisions.revisionUnfit(place, { revision: 'blog-api:12', lacks: 'port 8080 of container api' }),
  ],
  controllerExternal: [revisions.controllerExternal('blog-cluster-prod/blog-api')],
  deploymentInProgress: [revisions.deploymentInProgress(place, 'd-A1B2C3D4E')],
  imageLost: (['missing', 'archived'] as const).map((is) =>
    revisions.imageLost(place, 'blog-api:41', {
      container: 'api',
      image: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/blog-api:3f2c1ab',
      is,
    }),
  ),
  revisionNeverRan: [revisions.revisionNeverRan(place, 'blog-api:41')],
  nothingToRollBackTo: [revisions.nothingToRollBackTo(place)],
  serviceNotFound: [
    revisions.serviceNotFound({
      cluster: 'blog-cluster-prod',
      service: 'blog-apl',
      region: 'eu-central-1',
    }),
  ],
  differentServices: [revisions.differentServices(place)],
}

const ofPeople: Samples<typeof people> = {
  mayNotAsk: [
    people.mayNotAsk(no.noRequester, 'prod'),
    people.mayNotAsk(no.guest, 'prod'),
    people.mayNotAsk(no.untold, 'prod'),
  ],
  mayNotAskEmergency: [people.mayNotAskEmergency(no.noRequester, place)],
  mayNotClick: Object.values(no)
    .filter((standing) => standing !== no.noRequester)
    .map((standing) => people.mayNotClick(standing, 'approve', 'prod')),
  notAllowed: [people.notAllowed()],
  mayNotRead: [
    people.mayNotRead({ is: 'guest', why: no.guest.sentence }),
    people.mayNotRead({ is: 'external', why: 'this account belongs to another workspace' }),
    people.mayNotRead({ is: 'inactive', why: 'this is a bot' }),
    people.mayNotRead({ is: 'unknown', why: no.untold.sentence }),
  ],
  mayNotGetDirect: [
    people.mayNotGetDirect({ is: 'guest', why: no.guest.sentence }),
    people.mayNotGetDirect({ is: 'unknown', why: no.untold.sentence }),
  ],
  mayNotLock: [people.mayNotLock(no.noRequester)],
  mayNotUnlock: [people.mayNotUnlock(no.none, lock)],
}

const ofCards: Samples<typeof cards> = {
  alreadyDecided: [
    cards.alreadyDecided({ ...place, state: 'running' }, null, [
      { by: 'U0BEN', at: at - hour },
      { by: 'U0DAI', at },
    ]),
    cards.alreadyDecided({ ...place, state: 'rejected' }, { since: at, reason: 'rejected by <@U0BEN>' }, []),
  ],
  notPaused: [cards.notPaused({ ...place, state: 'rolling out' })],
  notStoppable: [cards.notStoppable({ ...place, state: 'rolling back' })],
  cardOutdated: [cards.cardOutdated()],
  alreadyApproved: [cards.alreadyApproved()],
  mayNotApprove: [
    cards.mayNotApprove('the requester may not approve'),
    cards.mayNotApprove('authors of the commits being deployed may not approve'),
  ],
  nothingToWithdraw: [cards.nothingToWithdraw(), cards.nothingToWithdraw('Continue')],
  reasonNotTaken: [cards.reasonNotTaken('of another'), cards.reasonNotTaken('too late')],
  alreadyEnded: [cards.alreadyEnded({ ...place, state: 'succeeded' }, 'cancelled')],
  notCancellable: [
    cards.notCancellable({ ...place, state: 'rolling back' }, 'cancelled', 'rollback'),
    cards.notCancellable({ ...place, state: 'awaiting approval' }, 'settled', 'cancel'),
  ],
  cancellationRequested: [
    cards.cancellationRequested({ ...place, settle: 'not offered' }, { by: 'U0BEN', at }, 'rollback'),
    cards.cancellationRequested({ ...place, settle: 'offered' }, { by: 'U0BEN', at }, 'rollback'),
  ],
  alreadyAcknowledged: [cards.alreadyAcknowledged(place, 'U0BEN')],
  mayNotAcknowledge: [cards.mayNotAcknowledge('requested')],
  lockNotOffered: [cards.lockNotOffered(place)],
  cardMismatch: [cards.cardMismatch('r-k3v9')],
}

const tooFew = approvers.policyUnsatisfiable(wanted, { persons: 1, groups: ['S0DEPLOYERS'], leavesOut })

const ofApprovers: Samples<typeof approvers> = {
  policyUnsatisfiable: [tooFew],
  policyNamesNobody: [approvers.policyNamesNobody(wanted)],
  policyGroupGone: [approvers.policyGroupGone(wanted, 'S0DEPLOYERS')],
  policyGroupEmpty: [approvers.policyGroupEmpty(wanted, 'S0DEPLOYERS')],
  policyGroupTooLarge: [approvers.policyGroupTooLarge(wanted, { persons: 1, looked: 100, candidates: 9000 })],
  policyCannotDetermineAuthors: [approvers.policyCannotDetermineAuthors('prod')],
}

const ofLocks: Samples<typeof locks> = {
  locked: [locks.locked(lock, 'U0ANN'), locks.locked(lock, lock.by)],
  lockedByAnother: [locks.lockedByAnother(lock, 'you may'), locks.lockedByAnother(lock, 'an approver may')],
  lockedAlready: [locks.lockedAlready(lock)],
  notLocked: [locks.notLocked({ environment: 'prod', service: 'shop' }, [lock])],
  lockTime: [locks.lockTime(lock, at - hour, 'over')],
}

const red = { failed: { count: 7, names: ['lint', 'e2e'] } }
const commit = '3f2c1ab0c0ffee00c0ffee00c0ffee00c0ffee00'

const ofChecks: Samples<typeof checks> = {
  checksFailed: [checks.checksFailed(place, commit, red)],
  checksUnreadable: [
    checks.checksUnreadable(place, commit, {
      reason: 'the token may not read checks, as no fine-grained token may',
    }),
  ],
  becauseRed: [checks.becauseRed(tooFew, commit)],
}

const ofFreezes: Samples<typeof freezes> = {
  frozen: [
    freezes.frozen(place, freeze, 'allowed'),
    freezes.frozen(place, { ...freeze, isEndless: true, reason: 'the move to the new cluster' }, 'refused'),
  ],
  becauseFrozen: [freezes.becauseFrozen(tooFew, { ...freeze, approvals: 2 })],
}

const release = { the: 'release channel', home: 'C0DEPLOYS' } as const
const here = { the: 'channel here', home: 'C0DEPLOYS' } as const

const ofChannels: Samples<typeof channels> = {
  channelShared: [channels.channelShared('prod', here), channels.channelShared('prod', release)],
  channelUnknown: [channels.channelUnknown(release), channels.channelUnknown(here)],
  channelUnknownNow: [channels.channelUnknownNow('C0DEPLOYS', 'Slack answered internal_error')],
}

const ofWorkflow: Samples<typeof workflow> = {
  workflowUnreadable: [workflow.workflowUnreadable(onBranch)],
  workflowUnreadableThere: [
    workflow.workflowUnreadableThere(onBranch, { path: '.github/workflows/deploy.yml', tip }),
  ],
  workflowUnreadableText: [workflow.workflowUnreadableText(onBranch, 'it has no `on` with events')],
  workflowDisabled: [workflow.workflowDisabled(onBranch, 'disabled_manually')],
  workflowWithoutTrigger: [workflow.workflowWithoutTrigger(onBranch, ['push', 'schedule'])],
  inputMissingForCommit: [workflow.inputMissingForCommit({ ...onBranch, ...place }, tip)],
  workflowOtherEnvironment: [
    workflow.workflowOtherEnvironment(onBranch, {
      job: 'deploy',
      environment: 'prod',
      meant: { service: 'blog-api', environment: 'dev' },
    }),
  ],
}

const input: DeclaredInput = {
  name: 'env',
  line: 7,
  type: 'choice',
  required: true,
  default: 'production',
  options: ['dev', 'production'],
}
const meant = { workflow: 'deploy.yml', branch: 'main', ...place }
const sent = (value: string): BoundInput => ({ name: 'env', from: 'literal', value })

const ofInputs: Samples<typeof inputs> = {
  inputsRefused: [
    inputs.inputsRefused(meant, [
      { problem: 'unfilled', input, suggestion: { for: 'service', value: '$environment' } },
      {
        problem: 'unfilled',
        input: { ...input, name: 'image_tag', line: 9, type: 'string', default: null, options: [] },
        suggestion: null,
      },
    ]),
    inputs.inputsRefused(meant, [
      {
        problem: 'ambiguous',
        sibling: { service: 'blog-api', environment: 'dev', branch: 'develop', values: {} },
      },
    ]),
    inputs.inputsRefused(meant, [
      {
        problem: 'ambiguous',
        sibling: { service: 'shop', environment: 'prod', branch: 'main', values: {} },
      },
    ]),
    inputs.inputsRefused(meant, [{ problem: 'undeclared', name: 'stage', line: 31, declared: ['env'] }]),
    inputs.inputsRefused(meant, [
      { problem: 'misfit', input, bound: sent('staging'), why: 'option', suggestion: null },
    ]),
    inputs.inputsRefused(meant, [
      {
        problem: 'misfit',
        input: { ...input, type: 'boolean', options: [] },
        bound: sent(sha),
        why: 'boolean',
        suggestion: null,
      },
    ]),
    inputs.inputsRefused(meant, [
      { problem: 'other-environment', input, bound: sent('dev'), environment: 'dev' },
    ]),
    inputs.inputsRefused(meant, [{ problem: 'no-default', input: { ...input, default: null }, line: 31 }]),
    inputs.inputsRefused(meant, [
      { problem: 'unknown-environment', input: { ...input, type: 'environment' }, bound: sent('prod') },
    ]),
  ],
}

const invited = {
  sentence: 'Slack answered not_in_channel',
  next: 'Invite the app to the channel: `/invite @twokey`.',
}

const ofTrouble: Samples<typeof trouble> = {
  couldNotRead: [
    trouble.couldNotRead('GitHub could not be reached: the connection timed out', 'passing'),
    trouble.couldNotRead('AWS refused ecs:DescribeServices: the role does not allow it', 'terminal'),
  ],
  couldNotReadZone: [trouble.couldNotReadZone('18:00', 'Slack has no time zone for your account')],
  ownError: [trouble.ownError('4f1c9a7be02d')],
  commandTooOld: [trouble.commandTooOld(at)],
  notSupportedYet: [trouble.notSupportedYet('/deploy stats'), trouble.notSupportedYet('--plan')],
  formNotOpened: [
    trouble.formNotOpened('more than 3 seconds had passed', asking.severalServices('prod', services).next),
  ],
  buttonUnknown: [trouble.buttonUnknown()],
  releaseUnknown: [trouble.releaseUnknown()],
  cardNotPosted: [trouble.cardNotPosted('blog-api prod: awaiting approval', 'C0DEPLOYS', invited)],
}

const ofGates: Samples<typeof gates> = {
  runOfFork: [gates.runOfFork({ headRepository: 'somebody/blog-api', repository })],
  runOfPullRequest: [gates.runOfPullRequest({ event: 'pull_request', environment: 'prod' })],
  runOfOtherBranch: [
    gates.runOfOtherBranch({ branch: 'feature', environment: 'prod', deployed: ['main'] }),
    gates.runOfOtherBranch({ branch: null, environment: 'prod', deployed: ['main'] }),
  ],
  runOffBranch: [gates.runOffBranch(onBranch, sha)],
  approversDiffer: [gates.approversDiffer({ environment: 'production', services })],
  notAskedInTime: [
    gates.notAskedInTime({ environment: 'prod', why: 'the cluster blog-cluster-prod does not exist' }),
  ],
  runOfOtherWorkflow: [
    gates.runOfOtherWorkflow({ workflow: 'nightly.yml', environment: 'prod', known: ['deploy.yml'] }),
  ],
}

const ofReruns: Samples<typeof reruns> = {
  nothingToRerun: [reruns.nothingToRerun(place)],
  notRerunnable: [
    reruns.notRerunnable(place, { because: 'too old' }),
    reruns.notRerunnable(place, { because: 'started again', attempt: 2, login: 'ben' }),
  ],
  rerunOfOtherConfig: [reruns.rerunOfOtherConfig(place)],
  rerunOffBranch: [reruns.rerunOffBranch(place, { commit: sha, branch: 'main' })],
  newerServing: [
    reruns.newerServing(place, { release: 'r-k3v9' }),
    reruns.newerServing(place, { revision: 'blog-api:45' }),
  ],
  rerunOfOlder: [reruns.rerunOfOlder(place, { commit: sha, revision: 'blog-api:45' })],
}

export const areas: readonly Area[] = [
  { title: 'What is asked for', file: 'asking', samples: ofAsking },
  { title: 'Commits and branches', file: 'commits', samples: ofCommits },
  { title: 'Revisions to roll back to', file: 'revisions', samples: ofRevisions },
  { title: 'Who may do what', file: 'people', samples: ofPeople },
  { title: 'Clicks on a card', file: 'cards', samples: ofCards },
  { title: 'Too few who may approve', file: 'approvers', samples: ofApprovers },
  { title: 'Locks', file: 'locks', samples: ofLocks },
  { title: 'Checks', file: 'checks', samples: ofChecks },
  { title: 'Freezes', file: 'freezes', samples: ofFreezes },
  { title: 'Channels', file: 'channels', samples: ofChannels },
  { title: 'The workflow', file: 'workflow', samples: ofWorkflow },
  { title: 'The workflow’s inputs', file: 'inputs', samples: ofInputs },
  { title: 'Runs that wait at a gate', file: 'gates', samples: ofGates },
  { title: 'Runs to run again', file: 'reruns', samples: ofReruns },
  { title: 'When something is out of order', file: 'trouble', samples: ofTrouble },
]
