import type { Asked, Site } from "./sites.ts";

const gets = (...paths: readonly string[]): readonly Asked[] => paths.map((path) => ({ path }));
const odd = gets(
  "/%2e%2e/a.txt",
  "/A.TXT",
  "//a.txt",
  "/a%2Etxt",
  "/sub%20x",
  "/a.txt?x=%zz",
  "/%C3%A9",
  "/a+b",
  "/./a.txt",
  "/sub/../a.txt",
);

/**
 * Sites as people write them: whole set-ups instead of one directive each. Not asked is what is otherwise on purpose (paths
 * that are normalised or refused at the edge, files for POST) or between versions of Caddy.
 */
export const realSites: Readonly<Record<string, Site>> = {
  spa: {
    site: `
	root * {$WWW}
	encode gzip
	handle /api/* {
		reverse_proxy {$UP}
	}
	handle {
		try_files {path} /app.html
		file_server
	}`,
    requests: [
      ...gets("/", "/a.txt", "/deep/link", "/api/x?y=1", "/api", "/sub", "/sub/", "/app.html"),
      ...odd,
      { method: "HEAD", path: "/deep/link" },
      { path: "/a.txt", headers: { Range: "bytes=0-2" } },
      { path: "/a.txt", headers: { Range: "bytes=-3" } },
      { path: "/a.txt", headers: { "If-None-Match": "*" } },
      { path: "/a.txt", headers: { "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT" } },
    ],
  },
  apiWithTryFilesOutside: {
    site: `
	root * {$WWW}
	try_files {path} /app.html
	handle /api/* {
		reverse_proxy {$UP}
	}
	handle {
		file_server
	}`,
    requests: gets("/", "/a.txt", "/deep/link", "/api/x"),
  },
  tryFilesThenProxy: {
    site: `
	root * {$WWW}
	try_files {path} /fallback
	reverse_proxy {$UP}`,
    requests: gets("/a.txt", "/nope"),
  },
  fileMatcher: {
    site: `
	root * {$WWW}
	@static file
	handle @static {
		file_server
	}
	handle {
		reverse_proxy {$UP}
	}`,
    requests: gets("/a.txt", "/nope", "/sub/", "/sub", "/"),
  },
  maintenance: {
    site: `
	root * {$WWW}
	@maintenance {
		file /maintenance.html
		not path /health
	}
	handle @maintenance {
		respond "down" 503
	}
	respond "up"`,
    requests: gets("/", "/health"),
  },
  notFile: {
    site: `
	root * {$WWW}
	@missing {
		not file
		not path /up/*
	}
	rewrite @missing /app.html
	file_server`,
    requests: gets("/", "/a.txt", "/gone", "/up/x", "/sub"),
  },
  fileTry: {
    site: `
	root * {$WWW}
	@try file {
		try_files {path} {path}.html {path}/index.html
	}
	rewrite @try {http.matchers.file.relative}
	handle @try {
		file_server
	}
	respond "none {path}" 404`,
    requests: gets("/", "/a.txt", "/app", "/sub", "/gone"),
  },
  passThru: {
    site: `
	root * {$WWW}
	route {
		file_server {
			pass_thru
		}
		reverse_proxy {$UP}
	}`,
    requests: [...gets("/a.txt", "/gone", "/"), { method: "POST", path: "/gone", body: "x" }],
  },
  headerCombos: {
    site: `
	header {
		Strict-Transport-Security max-age=31536000
		X-Content-Type-Options nosniff
		?Cache-Control "no-store"
		-Server
		+X-A 1
		X-Powered-By echo(.*) new
	}
	header /c* -X-From
	reverse_proxy {$UP}`,
    requests: gets("/a", "/b", "/c", "/?status=404"),
  },
  headerUpPlaceholders: {
    site: `
	reverse_proxy {$UP} {
		header_up X-Real-IP {remote_host}
		header_up Host {upstream_hostport}
		header_up -X-Drop
		header_up X-Uri {uri}
		header_up X-Was {header.X-Thing}
	}`,
    requests: [
      {
        path: "/a?b=c",
        headers: {
          "X-Real-IP": "6.6.6.6",
          "X-Drop": "1",
          "X-Thing": "t",
          "X-Forwarded-For": "1.2.3.4",
          "X-Forwarded-Proto": "https",
          "X-Forwarded-Host": "evil",
        },
      },
    ],
  },
  handlePath: {
    site: `
	handle_path /one/* {
		reverse_proxy {$UP}
	}
	handle_path /two* {
		respond "{path} {uri}"
	}
	redir /three /three/
	handle_path /three/* {
		respond "3 {path} {http.request.orig_uri.path}"
	}
	handle_errors {
		respond "{err.status_code} {err.message}"
	}`,
    requests: gets(
      "/one/a%20b?c=%20d",
      "/one/",
      "/one",
      "/two/x",
      "/ONE/x",
      "/three",
      "/one//x",
      "/one/%2e%2e/x",
      "/none",
      "/one/caf%C3%A9",
    ),
  },
  precedence: {
    site: `
	redir / /home
	redir /home/ /home
	respond /home "home"
	respond /x/* "x"
	respond /x/y/* "xy"
	handle /x/y/z {
		respond "handled"
	}
	route /x/r* {
		header A b
		respond "routed {path}"
	}
	respond "all"`,
    requests: gets("/", "/home", "/home/", "/x/", "/x/y/", "/x/y/z", "/x/r", "/x/rr", "/?a=b"),
  },
  multiHeaderMatch: {
    site: `
	@h header X-A foo*
	respond @h "h"
	@e header X-B exact
	respond @e "e"
	@n not header X-C *
	respond @n "no c"
	@s header X-C *mid*
	respond @s "mid"
	@suffix header X-C *end
	respond @suffix "end"
	respond "rest"`,
    requests: [
      { path: "/", headers: { "X-A": "bar, foo" } },
      { path: "/", headers: { "X-A": "FOO" } },
      { path: "/", headers: { "X-B": "exact" } },
      { path: "/", headers: { "X-B": "exact, two" } },
      { path: "/", headers: { "X-C": "a mid b" } },
      { path: "/", headers: { "X-C": "the end" } },
      { path: "/", headers: { "X-C": "" } },
      { path: "/", headers: {} },
    ],
  },
  queryMatch: {
    site: `
	@a query a=1
	respond @a "a"
	@b query b=*
	respond @b "b"
	@c query c= d=2
	respond @c "c"
	respond "{query} {query.z}"`,
    requests: gets("/?a=2&a=1", "/?a=1&a=2", "/?b", "/?b=", "/?c=&d=2", "/?z=a+b", "/?z=%41", "/?a%3d1", "/?A=1"),
  },
  cors: {
    site: `
	@preflight {
		method OPTIONS
		header Origin *
	}
	handle @preflight {
		header Access-Control-Allow-Origin "{header.Origin}"
		header Access-Control-Allow-Methods "GET, POST"
		respond 204
	}
	header Access-Control-Allow-Origin *
	reverse_proxy {$UP}`,
    requests: [
      {
        method: "OPTIONS",
        path: "/",
        headers: { Origin: "https://a.example", "Access-Control-Request-Method": "POST" },
      },
      { method: "OPTIONS", path: "/" },
      { path: "/", headers: { Origin: "https://a.example" } },
    ],
  },
  authelia: {
    site: `
	@noauth path /public/* /health
	handle @noauth {
		reverse_proxy {$UP}
	}
	handle {
		forward_auth {$AUTH} {
			uri /api/verify?rd=https://auth.example.com/
			copy_headers Remote-User Remote-Groups Remote-Name Remote-Email
		}
		reverse_proxy {$UP}
	}`,
    requests: [
      { path: "/public/x", headers: { "Remote-User": "forged" } },
      { path: "/private?a=b", headers: { "Remote-User": "forged" } },
      { path: "/private", headers: { "X-Who": "me", "Remote-Groups": "admins" } },
      { method: "POST", path: "/private", headers: { "X-Who": "me" }, body: "hi" },
      { method: "HEAD", path: "/private", headers: { "X-Who": "me" } },
      { path: "/PUBLIC/x" },
    ],
  },
  authentik: {
    site: `
	route {
		reverse_proxy /outpost.goauthentik.io/* {$AUTH}
		forward_auth {$AUTH} {
			uri /outpost.goauthentik.io/auth/caddy
			copy_headers X-Role>X-Authentik-Role
			trusted_proxies private_ranges
		}
		reverse_proxy {$UP}
	}`,
    requests: [
      { path: "/outpost.goauthentik.io/start" },
      { path: "/x", headers: { "X-Who": "me", "X-Authentik-Role": "root" } },
      { path: "/x" },
    ],
  },
  vars: {
    site: `
	vars tenant none
	@t header_regexp tenant X-Tenant ^([a-z]+)$
	vars @t tenant {re.tenant.1}
	request_header X-Tenant-Id {vars.tenant}
	reverse_proxy {$UP}`,
    requests: [
      { path: "/" },
      { path: "/", headers: { "X-Tenant": "acme" } },
      { path: "/", headers: { "X-Tenant": "ACME" } },
    ],
  },
  expressions: {
    site: `
	@a expression \`{method}.startsWith("P") && {path}.startsWith("/e")\`
	respond @a "a"
	@b expression {query.n} == "5" || {header.X-N} == "5"
	respond @b "b"
	@c \`path('/c/*') && !header({'X-No': '1'})\`
	respond @c "c"
	@d expression {path} in ["/d1", "/d2"]
	respond @d "d"
	@e expression {path}.matches("^/e[0-9]+$")
	respond @e "e"
	respond "rest" 404`,
    requests: [
      ...gets("/?n=5", "/c/x", "/d1", "/d3", "/e12", "/ex"),
      { method: "POST", path: "/e", body: "" },
      { path: "/c/x", headers: { "X-No": "1" } },
      { path: "/", headers: { "X-N": "5" } },
    ],
  },
  responding: {
    site: `
	respond /text "hello"
	respond /code 418
	respond /both "teapot" 418
	respond /close "bye" 200 {
		close
	}
	respond /block 202 {
		body "in block"
	}
	error /err 503
	error /msg "why" 400`,
    requests: [
      ...gets("/text", "/code", "/both", "/close", "/block", "/err", "/msg"),
      { method: "HEAD", path: "/text" },
      { method: "POST", path: "/both", body: "xx" },
    ],
  },
  errorPages: {
    site: `
	root * {$WWW}
	file_server
	handle_errors {
		@4xx expression \`{err.status_code} >= 400 && {err.status_code} < 500\`
		rewrite @4xx /404.html
		file_server
	}`,
    requests: [...gets("/none", "/a.txt", "/404.html", "/sub/none"), { method: "HEAD", path: "/none" }],
  },
  errorHeaders: {
    site: `
	header X-Site yes
	handle_errors {
		header X-Err "{err.status_code}"
		respond "<h1>{err.status_text}</h1>"
	}
	handle /up/* {
		reverse_proxy {$DEAD}
	}
	handle /deny* {
		error 403
	}`,
    requests: gets("/up/x", "/deny", "/none"),
  },
  redirs: {
    site: `
	redir /a https://{host}/b{uri} 302
	redir /s /t{?query} 301
	redir https://www.example.com{uri} permanent`,
    requests: [
      ...gets("/a", "/a?x=1", "/other?y=%20", "/p%20q"),
      { method: "POST", path: "/z", body: "x" },
      { method: "HEAD", path: "/z" },
    ],
  },
  proxyPath: {
    site: `
	@ws {
		header Connection *Upgrade*
		header Upgrade websocket
	}
	reverse_proxy @ws {$UP}
	rewrite /old/* /new{path}
	uri /cut/* strip_prefix /cut
	uri /cut2 path_regexp /+ /
	reverse_proxy /new/* {$UP}
	reverse_proxy {$UP} {
		method GET
		rewrite /fixed?{query}
	}`,
    requests: [...gets("/old/x?y", "/cut/a/b", "/plain?x=1")],
  },
  lb: {
    site: `
	reverse_proxy {$UP} {$DEAD} {
		lb_policy first
		lb_try_duration 2s
		fail_duration 10s
		max_fails 1
		health_uri /health
		health_interval 10s
		health_status 2xx
		transport http {
			dial_timeout 1s
			response_header_timeout 5s
			keepalive 30s
		}
		flush_interval -1
	}`,
    requests: gets("/a", "/b?status=502"),
  },
  handleResponse: {
    site: `
	root * {$WWW}
	reverse_proxy {$UP} {
		@accel header X-From up
		@err status 5xx 4xx
		handle_response @err {
			respond "failed {rp.status_code} {rp.header.X-From}" {rp.status_code}
		}
		@teapot status 418
		replace_status @teapot 200
	}`,
    requests: gets("/ok", "/?status=500", "/?status=404", "/?status=418", "/?status=204"),
  },
  copyResponse: {
    site: `
	reverse_proxy {$UP} {
		@ok status 200
		handle_response @ok {
			header X-Copied yes
			copy_response 203
		}
	}`,
    requests: gets("/ok", "/?status=500"),
  },
  invoked: {
    site: `
	handle_path /v1/* {
		rewrite * /prefix{uri}
		reverse_proxy {$UP}
	}
	handle /v2/* {
		uri strip_prefix /v2
		uri replace /old /new
		reverse_proxy {$UP}
	}
	respond "{http.request.uri.path.file} {path.0}" 404`,
    requests: gets("/v1/a?b=c", "/v2/old/x?old=/old", "/v1/", "/x/y.z"),
  },
  bodyLimit: {
    site: `
	request_body {
		max_size 1KB
	}
	handle_errors {
		respond "{err.status_code}"
	}
	reverse_proxy {$UP}`,
    requests: [{ method: "POST", path: "/x", body: "a".repeat(900) }],
  },
  wildcardHosts: {
    site: `
	@foo host foo.example.com
	handle @foo {
		respond "foo {labels.2}"
	}
	@bar host bar.example.com *.bar.example.com
	handle @bar {
		respond "bar {host}"
	}
	handle {
		abort
	}`,
    requests: [
      { path: "/", headers: { Host: "foo.example.com" } },
      { path: "/", headers: { Host: "x.bar.example.com:99" } },
      { path: "/", headers: { Host: "other.example.com" } },
    ],
  },
  statics: {
    site: `
	root * {$WWW}
	@assets path *.css *.js *.txt
	header @assets Cache-Control "public, max-age=31536000"
	@hidden path /.git/* */.env
	respond @hidden 404
	file_server {
		hide secret.txt
		index app.html
	}`,
    requests: [...gets("/", "/a.txt", "/none.css", "/.git/config", "/x/.env", "/sub/"), ...odd],
  },
  encoded: {
    site: `
	encode zstd gzip
	@api path /api/*
	handle @api {
		respond \`{"path":"{path}"}\` 200
	}
	header /api/* Content-Type application/json
	respond "not found" 404`,
    requests: [{ path: "/api/x", headers: { "Accept-Encoding": "gzip" } }, { path: "/z" }],
  },
  nestedHandles: {
    site: `
	handle /a/* {
		header X-L1 a
		handle_path /a/b/* {
			header X-L2 b
			respond /c "c {path}"
			respond "ab {path}"
		}
		handle /a/z {
			redir * /elsewhere
		}
	}
	handle {
		respond "outer"
	}
	header X-L0 0`,
    requests: gets("/a/", "/a/b/c", "/a/b/d", "/a/z", "/q"),
  },
  basicAuthAll: {
    site: `
	basicauth {
		ann {env.ANN_HASH}
	}
	@public path /public
	respond @public "never open"
	respond "in"`,
    requests: gets("/", "/public"),
  },
  notLists: {
    site: `
	@a not {
		path /x
		method POST
	}
	respond @a "a"
	@b {
		not path /y
		not method GET
	}
	respond @b "b"
	respond "c"`,
    requests: [
      ...gets("/x", "/y", "/z"),
      { method: "POST", path: "/x", body: "" },
      { method: "POST", path: "/y", body: "" },
      { method: "PUT", path: "/x", body: "" },
    ],
  },
  pathRegex: {
    site: `
	@u path_regexp user ^/u/(\\d+)(?:/(.*))?$
	handle @u {
		respond "user {re.user.1} [{re.user.2}]"
	}
	@i path_regexp (?i)\\.PNG$
	handle @i {
		respond "image"
	}
	respond "no"`,
    requests: gets("/u/1", "/u/1/x/y", "/u/a", "/x.png", "/x.PnG", "/%75/7"),
  },
  pathMatches: {
    site: `
	respond /exact "exact"
	respond /dir/* "dir"
	@php path *.php
	respond @php "php"
	@sub path */x/*
	respond @sub "sub"
	@pct path /a%2Fb/*
	respond @pct "pct"
	@star path /s/*/e
	respond @star "star"
	respond "none"`,
    requests: gets(
      "/exact",
      "/exact/",
      "/EXACT",
      "/dir",
      "/dir/",
      "/dir/x",
      "/x.PHP",
      "/a/x/b",
      "/a/X/b",
      "/s/1/e",
      "/s/1/2/e",
      "/%65xact",
      "/dir//x",
      "//exact",
      "/./exact",
      "/dir/../exact",
    ),
  },
};
