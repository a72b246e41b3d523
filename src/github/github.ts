import type { GitHubDoctor } from '../ports/doctor.ts'
import { type GitHub, Trouble } from '../ports/ports.ts'
import type { GitHubSetup } from '../ports/setup.ts'
import { accountOf, appAccount, appLogin, tokenAccount } from './account.ts'
import { cancelRun } from './cancel.ts'
import { changesSince } from './changes.ts'
import { checksNow } from './checks.ts'
import { Client } from './client.ts'
import { commitOf, dateOf, findCommit } from './commit.ts'
import { showDeployment } from './deployment-record.ts'
import { dispatch } from './dispatch.ts'
import { gitHubDoctor } from './doctor.ts'
import { gateOf } from './gate.ts'
import { gateAt, hasDeployed } from './gate-sighting.ts'
import { inspect } from './inspect.ts'
import { inspectRun } from './inspect-run.ts'
import { KnownCommits } from './known-commits.ts'
import { namesInLogs } from './log-names.ts'
import { jobLog, wordsInLogs } from './logs.ts'
import { newerRun } from './newer-run.ts'
import type { GitHubSettings } from './octokit.ts'
import { recentCommits } from './recent.ts'
import { branchTip, standing } from './refs.ts'
import { lastAttemptOf, rerun } from './rerun.ts'
import { accountReviewer, appReviewer, reportGate, reviewGate } from './reviewer.ts'
import { findAttempt, findRun, laterAttempt, runById } from './runs.ts'
import { workflowSetup } from './setup.ts'
import { lastStarts, lastStartsIn } from './starts.ts'
import { lookAtHead, lookAtTip } from './tip.ts'
import { waitingRuns } from './waiting-runs.ts'
import { workflowStarts } from './workflow.ts'

/**
 * Connects to GitHub's REST API, with a token or as a GitHub App. Sends no request until one of its methods is called.
 * @param deployWorkflows file names of the workflows that deploy from a repository: they are no checks of a commit
 */
export function connectGitHub(
  settings: GitHubSettings,
  deployWorkflows: (repository: string) => readonly string[] = () => [],
): GitHub & GitHubSetup & { readonly doctor: () => GitHubDoctor } {
  const deploying = ({ repository }: { readonly repository: string }) => ({
    deployWorkflows: deployWorkflows(repository),
  })
  const client = new Client(settings)
  const known = new KnownCommits(client)
  const reviewer = 'app' in settings ? appReviewer(client, settings.app.appId) : accountReviewer(client)
  const ownLogin = () => ('app' in settings ? appLogin(client) : accountOf(client))
  return {
    inspect: (ask) => inspect(client, { ...ask, ...deploying(ask) }, reviewer),
    tip: (look) => lookAtTip(client, look, reviewer),
    checks: (look) => checksNow(client, { ...look, ...deploying(look) }),
    findRun: (look) => findRun(client, look, reviewer),
    run: (look) => runById(client, look, reviewer),
    failedRun: (look) => lastAttemptOf(client, look),
    findAttempt: (look) => findAttempt(client, look, { reviewer, ownLogin }),
    laterAttempt: (look) => laterAttempt(client, look, reviewer),
    headTree: (look) => lookAtHead(client, look),
    runLog: (look) => namesInLogs(client, look),
    dispatch: (ask) => dispatch(client, ask),
    rerun: (ask) => rerun(client, ask),
    cancelRun: (ask) => cancelRun(client, ask),
    jobLog: (pointer, lines) => jobLog(client, pointer, lines),
    commit: async ({ repository, sha }) => {
      const commit = await findCommit(client, repository, sha)
      // GitHub resolves a branch or a tag of this name before a short commit.
      if (!commit?.sha.startsWith(sha))
        throw new Trouble('terminal', `GitHub has no commit ${sha} in ${repository}`)
      return { ...commitOf(commit), date: dateOf(commit) }
    },
    commitsAmong: ({ repository, words }) => known.among(repository, words),
    wordsInLogs: (ask) => wordsInLogs(client, ask),
    recentCommits: (ask) => recentCommits(client, ask),
    starts: (ask) => lastStarts(client, ask),
    startsIn: (ask) => lastStartsIn(client, ask),
    otherStarts: (ask) => workflowStarts(client, ask),
    gate: (look) => gateAt(client, look, reviewer),
    hasDeployed: (ask) => hasDeployed(client, ask),
    newerRun: (ask) => newerRun(client, ask),
    waitingRuns: (ask) => waitingRuns(client, ask, reviewer),
    inspectRun: (ask) => inspectRun(client, { ...ask, ...deploying(ask) }),
    isOnBranch: async ({ repository, branch, commit }) => {
      const tip = await branchTip(client, repository, branch)
      return tip !== null && (await standing(client, { repository, sha: commit, tip })).on === 'branch'
    },
    changesSince: async ({ repository, commit, running, migrationPaths }) => {
      const wanted = await findCommit(client, repository, commit)
      if (wanted === null) throw new Trouble('terminal', `GitHub knows no commit ${commit} in ${repository}`)
      return changesSince(client, { repository, running, wanted, migrationPaths })
    },
    reviewGate: (ask) => reviewGate(client, reviewer, ask),
    reportGate: (ask) => reportGate(reviewer, ask),
    showDeployment: (ask) => showDeployment(client, ask),
    protection: (ask) => gateOf(client, ask, reviewer),
    account: () => ('app' in settings ? appAccount(client) : tokenAccount(client)),
    workflow: (ask) => workflowSetup(client, ask),
    doctor: () => gitHubDoctor(client),
  }
}
