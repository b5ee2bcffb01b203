/** A project or one of its releases as PyPI's JSON API shows it, made from the files that an index offers. */
import { printPypiJson, type PypiMetadata } from '#python/pypi-json'
import type { ProjectName } from '#python/name'
import type { IndexName } from '#registry/indexes'
import type { ProjectRelease } from '#registry/project-releases'
import { fileMaker } from './project-page.ts'

export interface PypiPage {
  readonly index: IndexName
  readonly project: ProjectName
  /** The server's absolute address. */
  readonly root: string
  readonly shown: ProjectRelease
  /** Of the shown release. */
  readonly metadata: PypiMetadata
  /** Absent on the page of one release. */
  readonly releases?: readonly ProjectRelease[] | undefined
  readonly lastSerial: number
  /** Whether files are served by the index that was asked. */
  readonly isPoliced: boolean
}

export function renderPypiPage(page: PypiPage): string {
  const { index, project, root, shown, releases, metadata, lastSerial, isPoliced } = page
  const toFile = fileMaker({ index, root, depth: 0, isPoliced })
  const print = ({ version, links }: ProjectRelease) => ({ version, files: links.map(toFile) })
  const path = [...index.split('/'), project].map(encodeURIComponent).join('/')
  return printPypiJson({
    name: project,
    shown: print(shown),
    releases: releases?.map(print),
    metadata,
    lastSerial,
    address: `${root}/${path}`,
  })
}
