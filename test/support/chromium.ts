/** Debian's Chromium, driven through playwright-core. */
import { chromium, type Browser } from 'playwright-core'
import { findChromium } from './web-servers.ts'

/** Fails with what to install where there is none. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = await findChromium()
  // Those who build in containers are root and have little shared memory.
  const args = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu']
  return chromium.launch({ executablePath, args })
}
