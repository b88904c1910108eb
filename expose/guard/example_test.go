package guard_test

import (
	"crypto/sha256"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"github.com/rs/zerolog"

	"weir/expose/guard"
)

// A guard lets in whoever has the token of a file of hashed tokens, and keeps its state when new files are
// bad.
func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "tokens.yaml")
	write := func(content string) {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			panic(err)
		}
	}
	write(fmt.Sprintf("tokens:\n- name: prometheus\n  sha256: %x\n  scopes: [\"metrics:read\"]\n", sha256.Sum256([]byte("s3cret"))))

	options := guard.DefaultOptions()
	options.Enabled, options.TokensFile = true, file
	g := guard.New(options, "", zerolog.Nop())
	if err := g.Load(); err != nil {
		panic(err)
	}
	client := netip.MustParseAddr("192.0.2.1")
	for _, authorization := range []string{"Bearer s3cret", "Bearer guess", "Basic cHJvbTpwYXNz"} {
		verdict := g.Authorize([][]byte{[]byte(authorization)}, guard.ScopeMetrics, client)
		fmt.Printf("%d, name %q, reason %q\n", verdict.Reason.Status(), verdict.Name, verdict.Reason)
	}

	write("tokens:\n- name: prometheus\n  sha265: 00\n")
	fmt.Println(strings.ReplaceAll(g.Load().Error(), dir+string(filepath.Separator), ""))
	verdict := g.Authorize([][]byte{[]byte("Bearer s3cret")}, guard.ScopeMetrics, client)
	fmt.Println(verdict.Reason.Status(), verdict.Name)
	// Output:
	// 200, name "prometheus", reason ""
	// 401, name "", reason "unknown"
	// 401, name "", reason "scheme"
	// tokens.yaml:2: tokens[0]: want one of sha256 and bcrypt
	// tokens.yaml:3: tokens[0].sha265: unknown key: did you mean sha256?
	// 200 prometheus
}
