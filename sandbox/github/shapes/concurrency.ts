import { isSameGroup } from '../concurrency.ts'
import type { Repository } from '../repository.ts'
import type { Lease, Run } from '../runs.ts'
import type { Addresses } from './accounts.ts'
import { repositoryUrl } from './repositories.ts'
import { runUrls } from './runs.ts'

function groupUrl(group: string, repository: Repository, at: Addresses): string {
  return `${repositoryUrl(repository, at)}/actions/concurrency_groups/${encodeURIComponent(group)}`
}

function member({ run, job }: Lease, position: number, repository: Repository, at: Addresses) {
  const status = position === 0 ? 'in_progress' : 'pending'
  const { api, html } = runUrls(run, repository, at)
  const ofJob = job && {
    job_id: job.id,
    job_name: job.name,
    job_url: `${repositoryUrl(repository, at)}/actions/jobs/${job.id}`,
    job_html_url: `${html}/job/${job.id}`,
  }
  return { run_id: run.id, run_name: run.workflowName, run_url: api, run_html_url: html, ...ofJob, status }
}

/** The entries of a group's queue; the first one has its turn. */
export function queueOf(group: string, { leases }: Repository): readonly Lease[] {
  return leases.filter((each) => isSameGroup(each.group, group))
}

/** OpenAPI `concurrency-group`. */
export function concurrencyGroup(group: string, repository: Repository, at: Addresses) {
  const queue = queueOf(group, repository)
  return {
    group_name: queue[0]?.group ?? group,
    group_url: groupUrl(group, repository, at),
    total_count: queue.length,
    group_members: queue.map((each, position) => member(each, position, repository, at)),
  }
}

/** One element of OpenAPI `concurrency-group-run-list`: a group, and the entries of one run in its queue. */
export function concurrencyGroupOfRun(group: string, run: Run, repository: Repository, at: Addresses) {
  const url = groupUrl(group, repository, at)
  return {
    group_name: group,
    group_url: url,
    group_members: queueOf(group, repository).flatMap((each, position) => {
      const ahead = each.job ? `ahead_of_job=${each.job.id}` : `ahead_of_run=${run.id}`
      const entry = { ...member(each, position, repository, at), position, position_url: `${url}?${ahead}` }
      return each.run === run ? entry : []
    }),
  }
}
