/** All pages on which logged-in people change something. */
import type { Route } from '#http/route'
import { Addresses } from './addresses.ts'
import { pageModel } from './frame.ts'
import type { HealthCheck } from './health.ts'
import { formRoutes, type PrintPage } from './forms/form-routes.ts'
import { indexForms } from './pages/index-forms.ts'
import { loginPages } from './pages/login.ts'
import { newIndexForm } from './pages/new-index-form.ts'
import { pushForm } from './pages/push-form.ts'
import { projectRemoval, releaseRemoval } from './pages/removal-forms.ts'
import { uploadPage } from './pages/upload.ts'
import { userForms } from './pages/user-forms.ts'
import { yankForm } from './pages/yank-form.ts'
import type { WebParts } from './parts.ts'
import { pageAnswer } from './send-page.ts'
import type { Theme } from './theme/theme.ts'

export function formPages(
  parts: WebParts & { readonly health: HealthCheck },
  themeNow: () => Theme,
): Route[] {
  const { actions } = parts
  const print: PrintPage = (call, { template, status, ...facts }) => {
    const addresses = new Addresses(call)
    const { version } = parts.server
    const theme = themeNow()
    const model = pageModel(
      template,
      { ...facts, styles: ['forms.css'] },
      { call, addresses, theme, version, health: parts.health.tellAtOnce(call.who) },
    )
    const answer = pageAnswer(call, theme.templates.render('layout', model), {}, status)
    // What was typed is nobody else's, and a form is good for one login alone.
    return { ...answer, headers: { ...answer.headers, 'Cache-Control': 'private, no-store' } }
  }
  return [
    ...loginPages(print, actions),
    ...userForms(print, parts),
    ...indexForms(print, parts),
    ...[newIndexForm, projectRemoval, releaseRemoval, yankForm, pushForm].flatMap((form) =>
      formRoutes(print, form(parts)),
    ),
    ...uploadPage(print, actions),
  ]
}
