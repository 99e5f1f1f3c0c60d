/** What Caddy with a service that decides is told. */
export interface ForwardAuthFacts {
  readonly folder: string;
  readonly port: number;
  /** Where the service answers. */
  readonly servicePort: number;
  readonly upstreamPort: number;
  /** PEM files. */
  readonly certFile: string;
  readonly keyFile: string;
}

/**
 * Caddy as it is run by those who have identity in front of their services: `forward_auth` to a service that checks key
 * and token (auth-service.ts), and a line of access log, which goes where nothing is kept: that makes Caddy the cheaper one.
 */
export const caddyPolicy = (facts: ForwardAuthFacts): string => `{
  admin off
  auto_https off
  storage file_system ${facts.folder}/caddy-policy
  log {
    output stderr
    level ERROR
  }
}
https://localhost:${facts.port} {
  bind 127.0.0.1
  tls ${facts.certFile} ${facts.keyFile}
  log {
    output stdout
    format json
  }
  forward_auth 127.0.0.1:${facts.servicePort} {
    uri /check
    copy_headers X-Caller
  }
  header X-Served-By caddy
  reverse_proxy 127.0.0.1:${facts.upstreamPort}
}
`;
