/** The part of nginx's file that sends blobs from the disk, where Wheelyard says which (`--send-file x-accel-redirect`). */

/** nginx takes over the type of an answer that names a file, and Cache-Control, which therefore has another name there. */
const SENT_HEADERS = [
  'ETag',
  'Last-Modified',
  'Access-Control-Allow-Origin',
  'Content-Security-Policy',
  'X-Content-Type-Options',
  'X-Request-Id',
  'X-DEVPI-API-VERSION',
  'X-DEVPI-SERVER-VERSION',
  'X-DEVPI-SERIAL',
  'X-DEVPI-UUID',
  'X-DEVPI-PRIMARY-UUID',
  'X-DEVPI-MASTER-UUID',
]

const variable = (name: string): string => name.toLowerCase().replaceAll('-', '_')

/** What is not there, or not to be read by nginx's user, Wheelyard is asked for once more. */
export function sentFiles(folder: string): string {
  const path = `${folder}/`.replaceAll(/["\\]/g, '\\$&')
  return `\
    # Wheelyard says in the header X-Accel-Redirect which file it means, and nginx sends it. The user that nginx runs as
    # needs to read the folder named here; what it cannot read Wheelyard sends itself. Nobody else gets in.
    set $wheelyard_sends X-Accel-Redirect;
    proxy_set_header X-Sendfile-Type $wheelyard_sends;

    location ^~ /+blobs/ {
        internal;
        alias "${path}";
        sendfile on;
        tcp_nopush on;
        gzip off;
        max_ranges 1;
        # validators are Wheelyard's, which has compared them already
        etag off;
        if_modified_since off;
        add_header Cache-Control $upstream_http_x_accel_cache_control;
${SENT_HEADERS.map((name) => `        add_header ${name} $upstream_http_${variable(name)};\n`).join('')}\
        log_not_found off;
        error_page 403 404 = @wheelyard_sends;
    }

    location @wheelyard_sends {
        set $wheelyard_sends "";
        proxy_pass http://wheelyard$request_uri;
    }

`
}
