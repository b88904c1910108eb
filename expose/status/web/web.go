package web

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // for the files below
	"encoding/hex"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

//go:embed dist/app.js
var script []byte

//go:embed dist/app.css
var style []byte

//go:embed policy.txt
var policy string

// Policy returns the content security policy of the page: nothing from elsewhere, nothing inline.
func Policy() string { return strings.TrimSpace(policy) }

// CacheControl is the header Cache-Control of an [Asset], whose name changes with its content.
const CacheControl = "public, max-age=31536000, immutable"

// Asset is a file that the page refers to. It must not be changed.
type Asset struct {
	Path string // relative to the page: assets/app.0123456789ab.js
	Type string // its Content-Type
	ETag string // with its quotes
	Body []byte

	gzipped func() []byte
}

// Gzip returns Body, compressed. The first call does the work, later ones return the same bytes.
func (a *Asset) Gzip() []byte { return a.gzipped() }

// Page is the page. [New] makes one.
type Page struct{ script, style *Asset }

// New returns the page. It reads only what is embedded.
func New() *Page {
	return &Page{
		script: newAsset("js", "text/javascript; charset=utf-8", script),
		style:  newAsset("css", "text/css; charset=utf-8", style),
	}
}

// hashBytes are enough of a hash to tell two versions of a file apart.
const hashBytes = 6

func newAsset(extension, contentType string, body []byte) *Asset {
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:hashBytes])
	return &Asset{
		Path: "assets/app." + hash + "." + extension, Type: contentType, ETag: `"` + hash + `"`, Body: body,
		gzipped: sync.OnceValue(func() []byte { return compress(body) }),
	}
}

func compress(body []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		panic("BUG: gzip has no best compression: " + err.Error())
	}
	// A buffer takes everything.
	_, _ = w.Write(body)
	_ = w.Close()
	return out.Bytes()
}

// Asset returns the file with a path, which is relative to the page as [Asset.Path] is, or nil.
func (p *Page) Asset(path string) *Asset {
	for _, a := range []*Asset{p.script, p.style} {
		if a.Path == path {
			return a
		}
	}
	return nil
}
