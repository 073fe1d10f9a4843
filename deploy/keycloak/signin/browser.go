package signin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// Browser keeps cookies and shows one page at a time. It stops where it is sent to another site.
type Browser struct {
	client *http.Client
	site   string
	Page   Page
}

// Page is what a browser shows, or where it was sent.
type Page struct {
	Status int
	// Location is the address on another site that the browser was sent to; the page is empty then.
	Location *url.URL
	// Title, and Error, the page's own message of what went wrong.
	Title, Error string
	// action and fields are of the page's form; what a person types is not among them.
	action string
	fields url.Values
	// Inputs are the names of all that the form asks for.
	Inputs []string
}

// NewBrowser makes one that has been nowhere. The transport trusts the site's certificate.
func NewBrowser(transport http.RoundTripper, site string) (*Browser, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	b := &Browser{site: site, client: &http.Client{Transport: transport, Jar: jar}}
	b.client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Scheme+"://"+r.URL.Host != site {
			return http.ErrUseLastResponse
		}
		return nil
	}
	return b, nil
}

// Open shows an address of the site.
func (b *Browser) Open(ctx context.Context, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	return b.show(req)
}

// Submit sends the form of the page with what was typed in, names and values in turn.
func (b *Browser) Submit(ctx context.Context, typed ...string) error {
	if b.Page.action == "" {
		return fmt.Errorf("the page %q has no form", b.Page.Title)
	}
	form := url.Values{}
	for k, v := range b.Page.fields {
		form[k] = v
	}
	for i := 0; i+1 < len(typed); i += 2 {
		form.Set(typed[i], typed[i+1])
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.Page.action, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.show(req)
}

// Field is the value that a hidden field of the form came with.
func (b *Browser) Field(name string) string { return b.Page.fields.Get(name) }

// maxPage bounds what is read of a page.
const maxPage = 1 << 20

func (b *Browser) show(req *http.Request) error {
	resp, err := b.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b.Page = Page{Status: resp.StatusCode}
	if to, err := resp.Location(); err == nil {
		b.Page.Location = to
		return nil
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxPage))
	if err != nil {
		return err
	}
	root, err := html.Parse(strings.NewReader(string(raw)))
	if err != nil {
		return err
	}
	b.Page.read(root, resp.Request.URL)
	return nil
}

// read finds the title, the message and the first form that posts.
func (p *Page) read(root *html.Node, base *url.URL) {
	for n := range root.Descendants() {
		switch {
		case n.Type != html.ElementNode:
		case n.Data == "h1":
			p.Title = text(n)
		case p.Error == "" && messages.MatchString(attribute(n, "id")+" "+attribute(n, "class")):
			p.Error = text(n)
		case n.Data == "form" && p.action == "" && strings.EqualFold(attribute(n, "method"), "post"):
			p.form(n, base)
		}
	}
}

// messages are the places where Keycloak's themes say what went wrong.
var messages = regexp.MustCompile(`^(input-error[a-z-]*|kc-error-message)|alert-error|pf-m-danger`)

func (p *Page) form(form *html.Node, base *url.URL) {
	action, err := base.Parse(attribute(form, "action"))
	if err != nil {
		return
	}
	p.action, p.fields = action.String(), url.Values{}
	for n := range form.Descendants() {
		name := attribute(n, "name")
		if n.Type != html.ElementNode || n.Data != "input" || name == "" {
			continue
		}
		p.Inputs = append(p.Inputs, name)
		if kind := attribute(n, "type"); kind == "hidden" {
			p.fields.Set(name, attribute(n, "value"))
		}
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	var out []string
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			out = append(out, strings.Fields(d.Data)...)
		}
	}
	return strings.Join(out, " ")
}

// errNotAsked means that a page asks for something else than was to be answered.
var errNotAsked = errors.New("signin: the page asks for something else")
