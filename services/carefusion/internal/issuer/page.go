package issuer

import (
	"crypto/sha256"
	"encoding/base64"
)

// loginStyle stands in the page itself: the issuer serves one page and no files. The policy names it by its hash.
const loginStyle = `
:root{color-scheme:dark light;--ground:#010101;--card:#131518;--well:#0b0c0e;--line:#2a2e33;--edge:#7c848d;--text:#f4f5f6;--soft:#b7bdc5;--bad:#ff7a72;--tint:#2d0a0b;--focus:#ffa25c}
@media(prefers-color-scheme:light){:root{--ground:#f4f4f2;--card:#fff;--well:#f7f7f5;--line:#dcdedb;--edge:#767d84;--text:#15181a;--soft:#464d54;--bad:#b00e15;--tint:#fdecec;--focus:#b04200}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:16px;background:var(--ground);color:var(--text);font:400 1rem/1.5 system-ui,sans-serif}
main{width:min(420px,100%);padding:28px;border:1px solid var(--line);border-radius:14px;background:var(--card)}
h1{margin:0 0 4px;font-size:1.6rem;line-height:1.2}
p{margin:0 0 16px;color:var(--soft)}
p[role=alert]{padding:12px 14px;border:1px solid var(--bad);border-radius:10px;background:var(--tint);color:var(--bad);font-weight:600}
label{display:block;margin-bottom:14px;font-weight:500}
input{display:block;width:100%;min-height:44px;margin-top:6px;padding:8px 12px;border:1px solid var(--edge);border-radius:10px;background:var(--well);color:var(--text);font:inherit}
button{width:100%;min-height:44px;border:0;border-radius:999px;background:#ff6a00;color:#010101;font:600 1rem system-ui,sans-serif;cursor:pointer}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
`

const loginPage = `<!doctype html><html lang="en"><meta charset="utf-8"><title>CareFusion: sign in</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>` + loginStyle + `</style>
<main><h1>Sign in to CareFusion</h1><p>The issuer of local mode.</p>{{if .Failed}}<p role="alert">Wrong name, password or code, or too many attempts.</p>{{end}}
<form method="post"><label>Name <input name="username" autocomplete="username" required></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<label>Code of the authenticator <input name="totp" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9]{6}" required></label>
<button>Sign in</button></form></main></html>`

func loginPolicy() string {
	sum := sha256.Sum256([]byte(loginStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; frame-ancestors 'none'; base-uri 'none'"
}
