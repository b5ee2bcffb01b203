/** `wheelyard admin theme preview`: a small server to look at while a theme is made. */
import { port } from '#config-types'
import { UsedWrongly } from '#base/used-wrongly'
import { defineCommand, flagValue } from '../../command.ts'
import { awaitStop } from '../../await-stop.ts'
import { readTheme, themeArgument } from './theme-argument.ts'

export const themePreview = defineCommand({
  name: 'admin theme preview',
  summary: 'Serve a small index in a theme, to look at while you work on it.',
  about:
    'A little of everything is on it; all of it is gone at the end. Pages load anew by themselves when a file of the ' +
    'theme changes, and what is wrong with the theme stands at their foot. Ctrl-C ends it.',
  args: [themeArgument],
  options: [
    {
      name: 'port',
      placeholder: 'PORT',
      doc: 'The port to listen on; 0 picks a free one. [0]',
      group: 'Options',
    },
  ],
  examples: ['wheelyard admin theme preview ./acme'],
  async prepare(given) {
    const wanted = port.parse(flagValue(given, 'port') ?? '0', given.world.cwd)
    if (wanted === undefined) throw new UsedWrongly([`--port: must be ${port.expected}`])
    return { place: readTheme(given), port: wanted }
  },

  async run({ place, port: wanted }, { world }) {
    const stop = awaitStop()
    const { startSample, sampleLogin } = await import('#app-theme')
    await using sample = await startSample({ theme: place, port: wanted })
    world.stdout.write(`Wheelyard serves ${sample.app.url}\n`)
    world.stderr.write(`Log in as ${sampleLogin.user} with the password ${sampleLogin.password}.\n`)
    await stop
    return 0
  },
})
