/** The files for nginx: a plain proxy, and one that keeps the pages of the Simple API for a moment. */
import { sentFiles } from './nginx-sent-files.ts'
import type { Service, ServiceFiles } from './service.ts'

/** Under the names that devpi-gen-config gives them. */
export function nginxFiles(service: Service): ServiceFiles {
  return {
    'nginx-devpi.conf': nginx(service, { http: '', location: '' }),
    'nginx-devpi-caching.conf': nginx(service, caching(service)),
  }
}

interface Insertions {
  /** Outside of the server. */
  readonly http: string
  /** A location of the server. */
  readonly location: string
}

function nginx(service: Service, { http, location }: Insertions): string {
  const { hostname, port } = service.outsideUrl ?? { hostname: 'localhost', port: '' }
  const { docsUrl: docs, blobFolder } = service
  const ports = new Set([port || '80', ...(docs ? [docs.port || '80'] : [])])
  return `\
# For the folder conf.d or sites-enabled of nginx: what stands here belongs inside of http { }.
# ${blobFolder === undefined ? 'Files are not read from the disk by nginx: Wheelyard sends them (but see --send-file).' : 'Files are sent by nginx, from where Wheelyard says they are.'}
upstream wheelyard {
    server ${service.address};
    keepalive 32;
}

${http}\
# only needed where nginx stands behind another proxy; otherwise $scheme says as much
map $http_x_forwarded_proto $wheelyard_scheme {
    default $scheme;
    http    http;
    https   https;
}

server {
    server_name ${hostname}${docs ? ` ${docs.hostname}` : ''} $hostname "";
${[...ports].map((one) => `    listen ${one};\n`).join('')}\
    # for TLS: listen 443 ssl; ssl_certificate FILE; ssl_certificate_key FILE;

    # Wheelyard compresses pages itself; this is for what it sends as it is
    gzip            on;
    gzip_min_length 2000;
    gzip_proxied    any;
    gzip_types      application/json application/javascript text/javascript
                    text/plain text/css text/xml application/xml application/xml+rss;

    # ${maxBodyNote(service)}
    client_max_body_size ${service.maxBodySize ?? 0};

    proxy_http_version 1.1;
    proxy_read_timeout 300s;
    proxy_send_timeout 300s;
    # uploads reach Wheelyard while they come in, and downloads leave no copy on nginx's disk
    proxy_request_buffering off;
    proxy_max_temp_file_size 0;

    proxy_set_header Host $http_host;
    proxy_set_header Connection "";
    proxy_set_header X-outside-url ${outsideUrl(service)};
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $wheelyard_scheme;

${blobFolder === undefined ? '' : sentFiles(blobFolder)}\
${location}\
    location / {
        proxy_pass http://wheelyard;
    }

    # To let Wheelyard decide who may see what nginx serves, remove the # in front of these lines, and add
    # "auth_request /+authcheck;" to each location that asks it.
    #location = /+authcheck {
    #    internal;
    #    proxy_pass http://wheelyard;
    #    proxy_pass_request_body off;
    #    proxy_set_header Content-Length "";
    #    proxy_set_header Host $http_host;
    #    proxy_set_header Connection "";
    #    proxy_set_header X-outside-url ${outsideUrl(service)};
    #    proxy_set_header X-Real-IP $remote_addr;
    #    proxy_set_header X-Original-URI $request_uri;
    #}
}
`
}

const maxBodyNote = ({ maxBodySize }: Service): string =>
  maxBodySize === undefined
    ? '0: Wheelyard itself refuses what is too large (--max-upload-size)'
    : 'as --max-request-body-size has it'

/** What clients see before the path. Without one that is said, it is what each of them used. */
function outsideUrl({ outsideUrl: url }: Service): string {
  if (!url) return '$wheelyard_scheme://$http_host'
  const text = `${url.origin}${url.pathname.replace(/\/$/, '')}`
  // Inside of a string nginx would take a $ for a variable, and knows no escape for it.
  return text.replaceAll(/[^\w.~:/@%+[\]-]/g, encodeURIComponent)
}

function caching({ mirrorCacheExpiry }: Service): Insertions {
  const seconds = Math.max(60, Math.ceil(mirrorCacheExpiry / 1000))
  return {
    http: `\
# adjust the path and the sizes to your liking
proxy_cache_path /var/cache/nginx-wheelyard levels=1:2 keys_zone=wheelyard:10m max_size=1g
                 inactive=${seconds}s use_temp_path=off;

# pages are kept for known installers, and for whoever asks for the JSON form of PEP 691
map $http_user_agent $wheelyard_installer {
    default       0;
    ~*distribute/ 1;
    ~*setuptools/ 1;
    ~*pip/        1;
    ~*pex/        1;
    ~*uv/         1;
}

map "$wheelyard_installer $http_accept" $wheelyard_bypass {
    default 1;
    ~^1     0;
    ~*application/vnd\\.pypi\\.simple\\.v1\\+json 0;
}

`,
    location: `\
    location ~ /\\+(simple|own|stages)/ {
        proxy_pass http://wheelyard;
        proxy_cache wheelyard;
        proxy_cache_key $request_method$wheelyard_scheme$http_host$request_uri$http_x_devpi_absolute_urls;
        # a page made for somebody who says who they are is kept for nobody
        proxy_cache_bypass $wheelyard_bypass $http_authorization $http_x_devpi_auth;
        proxy_no_cache     $wheelyard_bypass $http_authorization $http_x_devpi_auth;
        # For so long nobody asks Wheelyard again, and a new upload may stay unseen. Then nginx asks whether
        # the page is still the same.
        proxy_ignore_headers Cache-Control Expires;
        proxy_cache_valid 200 10s;
        proxy_cache_revalidate on;
        proxy_cache_lock on;
        # while Wheelyard is away, pages are served for as long as they are kept (inactive=)
        proxy_cache_use_stale error timeout http_502 http_503 http_504;
        add_header X-Cached $upstream_cache_status;
    }

`,
  }
}
