import { Buffer } from "node:buffer";

/** One request that both are asked. */
export interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Site {
  /** It runs scripts. */
  readonly php?: true;
  /** Before the port; with one, it is HTTPS. */
  readonly address?: string;
  readonly site: string;
  readonly requests: readonly Asked[];
}

const gets = (...paths: readonly string[]): readonly Asked[] => paths.map((path) => ({ path }));

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

/** Hashes that the sites' users are looked up in: as they stand there, or come from the environment. */
export const hashes = {
  ANN_HASH: "$2a$04$CjLUgE32ySp1d80SEp30Peh/lCcRTAteVuFuOfKVPx50By/b/5uGy",
  PASSWORD_HASH_BOB: "$2a$04$jeXyfw6OPF2zm52SpdzgwuD2YmYfnYa8lyf7fwk/TBowW/WN7Cx1m",
} as const;

/** What a script is told, but for what is of the server's own making. What is empty may as well be missing. */
const told = [
  "REQUEST_METHOD REQUEST_URI REQUEST_SCHEME QUERY_STRING SCRIPT_NAME PATH_INFO SERVER_PROTOCOL SERVER_NAME",
  "GATEWAY_INTERFACE REMOTE_ADDR REMOTE_HOST REMOTE_USER HTTPS CONTENT_LENGTH CONTENT_TYPE HTTP_HOST HTTP_X_ONE",
  "HTTP_PROXY HTTP_COOKIE HTTP_AUTHORIZATION APP_ENV PATH_TRANSLATED SCRIPT_FILENAME DOCUMENT_ROOT",
].join(" ");

/** Files of the folder with scripts. */
export const scripts: Readonly<Record<string, string>> = {
  "index.php":
    "<?php header('Content-Type: text/plain'); echo 'index ', $_SERVER['REQUEST_URI'], ' ', $_SERVER['PATH_INFO'] ?? '';",
  "front.php":
    "<?php header('Content-Type: text/plain'); echo 'front ', $_SERVER['REQUEST_URI'], ' ', $_SERVER['SCRIPT_NAME'];",
  "env.php": `<?php header('Content-Type: application/json'); $told = array_intersect_key($_SERVER, array_flip(explode(' ', '${told}'))); $told = array_filter($told, fn ($one) => $one !== '' && $one !== '0'); ksort($told); echo json_encode($told);`,
  "post.php": "<?php header('Content-Type: application/json'); echo json_encode($_POST);",
  "status.php": "<?php http_response_code(418); header('X-One: 1'); header('Set-Cookie: a=1'); echo 'tea';",
  "move.php": "<?php header('Location: /elsewhere');",
  "sub/index.php": "<?php header('Content-Type: text/plain'); echo 'sub ', $_SERVER['SCRIPT_NAME'];",
  "plain.txt": "a plain file\n",
};

/** What stands in a site, and what it is asked. Caddy says what the answers are. */
export const sites: Readonly<Record<string, Site>> = {
  blocks: {
    site: `
	handle /a* {
		respond "a" 201
	}
	handle /a/longer {
		respond "longer"
	}
	handle /b {
		respond "b {path} {query.x} {query}"
	}
	handle_path /strip/* {
		respond "{path}|{uri}|{http.request.orig_uri}"
	}
	handle {
		respond "rest {method} {host}" 404
	}`,
    requests: [
      ...gets("/a", "/A", "/abc", "/a/longer", "/b", "/b?x=1&y=2", "/b/", "/strip/x/y?q=1", "/strip", "/"),
      { method: "POST", path: "/zz", body: "x" },
      { method: "HEAD", path: "/a" },
    ],
  },
  order: {
    site: `
	respond /last "last"
	header X-One 1
	redir /go /gone
	route /routed* {
		respond /routed/x "first"
		header X-Two 2
		respond "second"
	}
	handle /nothing* {
		header X-Three 3
	}
	respond /nothing/after "after"`,
    requests: gets("/last", "/go", "/routed/x", "/routed/y", "/nothing", "/nothing/after", "/none"),
  },
  headers: {
    site: `
	header X-Set one
	header +X-Add two
	header ?X-Default three
	header X-Text value
	header X-Text "v(a)l" "w$1-"
	header /api/* {
		X-Api yes
		-X-Set
	}
	request_header X-Seen "{http.request.method} {path}"
	request_header -X-Gone
	request_header X-Change "b+" "c"
	handle /up/* {
		reverse_proxy {$UP} {
			header_up X-Up {uri}
			header_up +X-More more
			header_down X-Down {method}
			header_down -X-Powered-By
		}
	}
	respond /typed "<p>" 200
	header /typed Content-Type text/html
	respond "x"`,
    requests: [
      ...gets("/", "/api/x", "/typed", "/up/x?y=1"),
      { path: "/up/z", headers: { "X-Gone": "1", "X-Change": "abbbd", "X-More": "0" } },
    ],
  },
  patterns: {
    site: `
	request_header -X-In-*
	request_header -*-Secret
	header -X-Pow*
	reverse_proxy {$UP} {
		header_up -*Mid*
		header_down -*-From
	}`,
    requests: [
      {
        path: "/",
        headers: {
          "X-In-A": "1",
          "X-IN-b": "2",
          "X-Into": "3",
          "X-A-Secret": "4",
          "X-Secretive": "5",
          "X-Amidst": "6",
        },
      },
    ],
  },
  redirects: {
    site: `
	redir /old /new
	redir /perm/* https://example.com{uri} permanent
	redir /temp/* https://example.com/{path}?{query} 307
	@m path_regexp id ^/id/([0-9]+)$
	redir @m /items?id={re.id.1} 308
	respond "no"`,
    requests: gets("/old", "/old/", "/perm/a?b=c", "/temp/x?y", "/id/12", "/id/x"),
  },
  rewrites: {
    site: `
	rewrite /r/* /rewritten{uri}
	rewrite /q/* /q?fixed=1&{query}
	rewrite /only ?added=yes
	@re path_regexp ver ^/v([0-9]+)/(.*)$
	rewrite @re /api/{re.ver.2}?version={re.ver.1}
	uri strip_prefix /sp
	uri strip_suffix .php
	uri replace foo bar
	method /put/* PUT
	reverse_proxy {$UP}`,
    requests: [
      ...gets(
        "/r/x?y=1",
        "/q/a?b=c",
        "/only?x=1",
        "/v2/items/7",
        "/sp/x",
        "/x.php",
        "/foo/foo?foo=1",
        "/plain?x=y",
        "/a%20b/c",
      ),
      { method: "POST", path: "/put/x", body: "hello" },
    ],
  },
  matchers: {
    site: `
	@get {
		method GET
		path /m/*
	}
	respond @get "get"
	@hdr header X-A foo*
	respond @hdr "header"
	@two {
		header X-B 1
		header X-C *
		header !X-D
	}
	respond @two "two"
	@q query k=v k=w
	respond @q "query"
	@re path_regexp name ^/re/([a-z]+)/(?P<rest>.*)$
	respond @re "{re.name.1} {re.name.2}"
	@expr expression {method} == "PUT" && path('/e*')
	respond @expr "expression"
	@proto {
		protocol http
		path /proto
	}
	respond @proto "http"
	@ip {
		remote_ip 10.0.0.0/8
		path /ip
	}
	respond @ip "ten"
	@local {
		remote_ip 127.0.0.1/8
		path /ip
	}
	respond @local "local"
	@host {
		host localhost *.example.com
		path /host
	}
	respond @host "host"
	@paths path /p1 *.css */mid/* /glob/*/x
	respond @paths "paths"
	@not {
		not path /x* /y*
		path /x* /z*
	}
	respond @not "not"
	respond "none" 404`,
    requests: [
      ...gets(
        "/m/x",
        "/?k=v",
        "/?k=w",
        "/?k=x",
        "/re/abc/d/e",
        "/re/1",
        "/proto",
        "/ip",
        "/host",
        "/p1",
        "/P1",
        "/a/b.css",
        "/a/mid/b",
        "/glob/a/x",
        "/glob/a/b/x",
        "/z",
        "/x",
        "/",
      ),
      { path: "/", headers: { "X-A": "foobar" } },
      { path: "/", headers: { "X-A": "barfoo" } },
      { path: "/", headers: { "X-B": "1", "X-C": "" } },
      { path: "/", headers: { "X-B": "1", "X-C": "2", "X-D": "3" } },
      { path: "/host", headers: { Host: "a.example.com" } },
      { path: "/host", headers: { Host: "a.b.example.com" } },
      { method: "PUT", path: "/e1", body: "" },
      { method: "PUT", path: "/f", body: "" },
      { method: "POST", path: "/m/x", body: "" },
    ],
  },
  errors: {
    site: `
	root * {$WWW}
	header X-Early yes
	error /gone* "short and stout" 410
	error /hidden* 404
	handle_errors {
		@404 expression {err.status_code} == 404
		handle @404 {
			rewrite * /{err.status_code}.html
			file_server
		}
		handle {
			respond "{err.status_code} {err.status_text}: {path}"
		}
	}
	reverse_proxy /dead* {$DEAD}
	file_server`,
    requests: gets("/gone", "/hidden/x", "/dead", "/a.txt", "/missing"),
  },
  plainErrors: {
    site: `
	header X-Early yes
	error /gone* "short and stout" 410
	abort /abort
	reverse_proxy /dead* {$DEAD}`,
    requests: gets("/gone", "/dead", "/abort", "/other"),
  },
  bodies: {
    site: `
	request_body /small* {
		max_size 10
	}
	reverse_proxy {$UP}`,
    requests: [
      { method: "POST", path: "/small", body: "x".repeat(10) },
      { method: "POST", path: "/large", body: "x".repeat(2000) },
    ],
  },
  responses: {
    site: `
	header X-Mine mine
	header X-Late late
	header {
		X-Late later
		defer
	}
	reverse_proxy {$UP} {
		@bad status 500 503
		handle_response @bad {
			respond "bad {rp.status_code}" 502
		}
		@moved status 3xx
		replace_status @moved 201
	}`,
    requests: gets("/ok", "/?status=500", "/?status=302", "/?status=404"),
  },
  nested: {
    site: `
	handle /api/* {
		@post method POST
		respond @post "posted"
		handle /api/v1/* {
			reverse_proxy {$UP} {
				header_up X-Version 1
			}
		}
		handle_path /api/v2/* {
			header X-Version 2
			rewrite * /two{path}
			reverse_proxy {$UP}
		}
	}
	@slow header X-Slow 1
	handle @slow {
		header X-Slow seen
	}
	header /api/* X-Api 1
	respond /json \`{"a":1}\`
	respond /empty 204
	respond /api/none "none"
	reverse_proxy /late/* {$UP}
	respond * "rest" 404`,
    requests: [
      ...gets("/api/v1/x?q", "/api/v2/y?q", "/api/none", "/api/other", "/json", "/empty", "/late/x", "/"),
      { method: "POST", path: "/api/v1/x", body: "b" },
      { path: "/late/x", headers: { "X-Slow": "1" } },
      { path: "/none", headers: { "X-Slow": "1" } },
    ],
  },
  placeholders: {
    site: `
	@id path_regexp id ^/id/(\\w+)
	respond /p/* "{method} {scheme} {path} {dir} {file} {query} {uri} {path.0} {path.1} {path.2}"
	respond /q "{query.a} {query.b} [{query.none}]"
	respond /h "{header.X-A} {header.None} {cookie.c} {host} {labels.0} {remote_host}"
	respond @id "{re.id.1} {http.regexp.id.0}"
	respond "{$NOTHING:default} \\{literal} {http.request.orig_uri}"`,
    requests: [
      ...gets("/p/a/b.txt?x=1&y=%20", "/p/", "/q?a=1&b=x%20y", "/q", "/id/abc/d", "/other?z"),
      { path: "/h", headers: { "X-A": "a b", Cookie: "b=1; c=two" } },
    ],
  },
  sorted: {
    site: `
	respond /ab* "star"
	respond /a "exact"
	respond /abcx "longer"
	@m path /abcd
	respond @m "named"
	@two path /x /y
	respond @two "two"
	redir /abcd/r /target
	rewrite /rw1 /a
	rewrite /rw* /abc`,
    requests: gets("/a", "/ab", "/abc", "/abcx", "/abcd", "/x", "/abcd/r", "/rw1", "/rw2", "/nothing"),
  },
  compressed: {
    site: `
	encode gzip
	respond /long "${"long ".repeat(200)}"
	respond "short"`,
    requests: [{ path: "/long" }, { path: "/short", headers: { "Accept-Encoding": "gzip" } }],
  },
  passwords: {
    site: `
	redir /moved /secret
	basicauth /secret* {
		ann {env.ANN_HASH}
		bob $2a$04$jeXyfw6OPF2zm52SpdzgwuD2YmYfnYa8lyf7fwk/TBowW/WN7Cx1m
	}
	@reports path /reports*
	basicauth @reports bcrypt "The reports" {
		bob $2a$04$jeXyfw6OPF2zm52SpdzgwuD2YmYfnYa8lyf7fwk/TBowW/WN7Cx1m
	}
	header X-Early yes
	handle_errors {
		@asked expression {err.status_code} == 401
		respond @asked "who are you? {path}"
	}
	handle /secret/up* {
		reverse_proxy {$UP} {
			header_up X-User {http.auth.user.id}
			header_up X-Authorization {header.Authorization}
		}
	}
	respond "{path} for {http.auth.user.id}"`,
    requests: [
      ...gets("/", "/moved", "/secret", "/reports/1"),
      { path: "/secret/up", headers: { Authorization: basic("ann", "secret of ann") } },
      { path: "/secret", headers: { Authorization: basic("bob", "secret of bob") } },
      { path: "/reports/1", headers: { Authorization: basic("bob", "secret of bob") } },
      { path: "/reports/1", headers: { Authorization: basic("ann", "secret of ann") } },
      { path: "/secret", headers: { Authorization: basic("ann", "secret of bob") } },
      { path: "/secret", headers: { Authorization: basic("eve", "secret of bob") } },
      { path: "/secret", headers: { Authorization: "Basic !!!" } },
      { path: "/secret", headers: { Authorization: "Bearer x" } },
      { path: "/open", headers: { Authorization: basic("ann", "wrong") } },
    ],
  },
  auth: {
    site: `
	forward_auth {$AUTH} {
		uri /verify?x=1
		copy_headers Remote-User X-Role>X-Copied
	}
	reverse_proxy {$UP}`,
    requests: [
      { path: "/a?b" },
      { path: "/a", headers: { "X-Who": "me" } },
      { path: "/a", headers: { "X-Who": "me", "Remote-User": "forged", "X-Copied": "forged" } },
    ],
  },
  files: {
    site: `
	root * {$WWW}
	handle_path /static/* {
		file_server
	}
	handle_path /bare/* {
		file_server {
			disable_canonical_uris
		}
	}
	handle_path /status/* {
		file_server {
			status 203
		}
	}
	handle {
		try_files {path} /app.html
		file_server
	}`,
    requests: gets(
      "/a.txt",
      "/any/where",
      "/static/a.txt",
      "/status/a.txt",
      "/status/none",
      "/static/",
      "/static/sub/",
    ),
  },
  listed: {
    site: `
	root * {$WWW}
	file_server browse {
		hide a.txt
	}`,
    requests: [...gets("/sub/", "/a.txt", "/none/"), { method: "HEAD", path: "/bare/" }],
  },
  php: {
    php: true,
    site: `
	root * {$PHP_ROOT}
	basicauth /env.php/private* {
		ann {env.ANN_HASH}
	}
	header /status.php X-Early yes
	php_fastcgi unix/{$PHP_SOCKET} {
		env APP_ENV test
	}
	file_server`,
    requests: [
      ...gets(
        "/",
        "/?x=1",
        "/index.php",
        "/env.php?q=a%20b&x=1",
        "/env.php/more/info%20here",
        "/sub/",
        "/sub",
        "/missing/path?y",
        "/status.php",
        "/move.php",
        "/plain.txt",
      ),
      { path: "/env.php", headers: { "X-One": "1", Proxy: "http://evil.example", Cookie: "a=1; b=2" } },
      { path: "/env.php/private", headers: { Authorization: basic("ann", "secret of ann") } },
      {
        method: "POST",
        path: "/post.php",
        body: "a=1&b=2",
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
      },
      { method: "PUT", path: "/env.php", body: "{}", headers: { "Content-Type": "application/json" } },
    ],
  },
  phpOptions: {
    php: true,
    site: `
	handle_path /app/* {
		root * {$PHP_ROOT}
		php_fastcgi 127.0.0.1:{$PHP_PORT} {
			index front.php
			try_files {path} front.php
		}
	}
	handle /old/* {
		uri strip_prefix /old
		root * {$PHP_ROOT}
		php_fastcgi unix/{$PHP_SOCKET}
	}
	handle_errors {
		respond "{err.status_code}"
	}
	respond "none" 404`,
    requests: gets("/app/", "/app/any/where?z=1", "/app/env.php/info", "/old/sub/", "/old/env.php", "/other"),
  },
  snippets: {
    site: `
	import hello /one first
	import hello /two second
	import part.conf x "y z"
	vars place here
	vars /there* place there
	map {path} {kind} {number} {
		/one one 1
		~^/t(.*)$ "t\${1}" 2
		default none 0
	}
	@here vars {vars.place} there
	respond @here "{vars.place} {kind} {number}"
	respond "{vars.place} {kind} {number}"`,
    requests: gets("/one", "/two", "/part", "/three", "/there/x", "/other"),
  },
  secure: {
    address: "localhost",
    site: `
	tls internal
	header Strict-Transport-Security max-age=60
	respond "{scheme} {host}"`,
    requests: gets("/"),
  },
};
