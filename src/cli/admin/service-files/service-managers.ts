/** The files for what starts programs: cron, launchd, supervisord, systemd and Windows. */
import {
  quoteForCron,
  quoteForSupervisor,
  quoteForSystemd,
  quoteForWindows,
  quoteForXml,
} from './quoting.ts'
import type { Service, ServiceFiles } from './service.ts'

/** Under the names that devpi-gen-config gives them: what copies these files goes on working. */
export function serviceManagerFiles(service: Service): ServiceFiles {
  return {
    crontab: crontab(service),
    'net.devpi.plist': launchdPlist(service),
    'launchd-macos.txt': LAUNCHD,
    'supervisor-devpi.conf': supervisorProgram(service),
    'supervisord.conf': SUPERVISORD,
    'devpi.service': systemdUnit(service),
    'windows-service.txt': windowsService(service),
  }
}

const crontab = ({ command }: Service): string => `\
# Starts Wheelyard with the machine, without a process manager. Add the line to the crontab of the user who
# owns the data folder (crontab -e).
@reboot ${quoteForCron(command)}
# Or start supervisord (http://supervisord.org), which starts it again when it ends:
# @reboot /usr/local/sbin/supervisord -c /etc/supervisord.conf
`

const launchdPlist = ({ command }: Service): string => `\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>Label</key>
	<string>net.devpi</string>
	<key>ProgramArguments</key>
	<array>
${command.map((word) => `\t\t<string>${quoteForXml(word)}</string>\n`).join('')}\
	</array>
	<key>RunAtLoad</key>
	<true/>
</dict>
</plist>
`

const LAUNCHD = `\
launchd starts Wheelyard when you log in to macOS.

Copy net.devpi.plist to ~/Library/LaunchAgents/, then:

  launchctl load -w ~/Library/LaunchAgents/net.devpi.plist      start it, now and at each log-in
  launchctl stop net.devpi                                      stop it
  launchctl unload ~/Library/LaunchAgents/net.devpi.plist       start it no more
`

const supervisorProgram = ({ command, drainTimeout }: Service): string => `\
[program:devpi-server]
command = ${quoteForSupervisor(command)}
priority = 999
startsecs = 5
redirect_stderr = True
autostart = True
stopwaitsecs = ${stopSeconds(drainTimeout)}
`

const SUPERVISORD = `\
[supervisord]

[unix_http_server]
file=/tmp/devpi-supervisor.sock

[supervisorctl]
serverurl=unix:///tmp/devpi-supervisor.sock

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[include]
files = %(here)s/supervisor-devpi.conf
`

const systemdUnit = ({ command, user, drainTimeout }: Service): string => `\
[Unit]
Description=Wheelyard, a Python package index
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=${quoteForSystemd(command)}
# the user who owns the data folder
User=${user}
UMask=0027
NoNewPrivileges=yes
Restart=on-failure
# running requests may finish first (--drain-timeout)
TimeoutStopSec=${stopSeconds(drainTimeout)}

[Install]
WantedBy=multi-user.target
`

const windowsService = ({ command }: Service): string => `\
Windows starts Wheelyard with the machine as a scheduled task. In a command prompt of an administrator:

  schtasks /Create /TN Devpi-Server /SC ONSTART /RU SYSTEM /TR "${quoteForWindows(command).replaceAll('"', '\\"')}"
  schtasks /Run /TN Devpi-Server

To have it as a service, give this command to a service wrapper (SRVANY.EXE as its Application, WinSW, NSSM):

  ${quoteForWindows(command)}
`

/** A little more than the server itself takes. */
const stopSeconds = (drainTimeout: number): number => Math.ceil(drainTimeout / 1000) + 10
