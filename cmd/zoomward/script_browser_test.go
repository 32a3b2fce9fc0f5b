package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

// browserMain is a command of the scripts: browser [-decline] [-paste FILE] zoomward connect ARGS... runs the program and plays the user in front of it, who opens the
// page that it prints and allows what is asked, or declines. With -paste the browser is on another machine: the address that it is sent back to goes into FILE and to
// the program's standard input. The exit code is the program's.
func browserMain() int {
	decline, paste := flag.Bool("decline", false, ""), flag.String("paste", "", "")
	flag.Parse()
	code, err := browse(*decline, *paste, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "browser:", err)
		return 99
	}
	return code
}

var printedPage = regexp.MustCompile(`^http\S+/oauth/authorize\?\S+$`)

func browse(decline bool, paste string, args []string) (code int, err error) {
	cmd := exec.Command(args[0], args[1:]...) //nolint:gosec // of the script
	cmd.Stdout = os.Stdout
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return 0, err
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	visited := errors.New("no page was printed")
	for in := bufio.NewScanner(stderr); in.Scan(); {
		fmt.Fprintln(os.Stderr, in.Text())
		if !printedPage.MatchString(in.Text()) {
			continue
		}
		var back string
		if back, visited = visit(in.Text(), decline, paste == ""); visited != nil {
			_ = cmd.Process.Kill()
		} else if paste != "" {
			_, toProgram := fmt.Fprintln(stdin, back)
			visited = errors.Join(os.WriteFile(paste, []byte(back+"\n"), 0o600), toProgram)
		}
	}
	_ = cmd.Wait() // the exit code says it
	return cmd.ProcessState.ExitCode(), visited
}

var sealedRequest = regexp.MustCompile(`name="request" value="([^"]+)"`)
var tickedScope = regexp.MustCompile(`name="scope" value="([^"]+)"`)

// visit opens a page, answers it where it asks, and returns the address that the browser is sent back to; with follow it goes there.
func visit(page string, decline, follow bool) (back string, err error) {
	client := http.Client{Timeout: 10 * time.Second, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		back = r.URL.String()
		if follow {
			return nil
		}
		return http.ErrUseLastResponse
	}}
	get := func(resp *http.Response, err error) (string, error) {
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if resp.StatusCode >= 400 {
			err = fmt.Errorf("%s: %s", resp.Status, text)
		}
		return string(text), err
	}
	text, err := get(client.Get(page)) //nolint:noctx // has a timeout
	if err != nil || back != "" {
		return back, err
	}
	form := url.Values{"decision": {"allow"}}
	if decline {
		form.Set("decision", "decline")
	}
	if m := sealedRequest.FindStringSubmatch(text); m != nil {
		form.Set("request", html.UnescapeString(m[1]))
	}
	for _, m := range tickedScope.FindAllStringSubmatch(text, -1) {
		form.Add("scope", html.UnescapeString(m[1]))
	}
	address, _, _ := strings.Cut(page, "?")
	if _, err = get(client.PostForm(address, form)); err == nil && back == "" { //nolint:noctx // as above
		err = errors.New("the page does not lead back")
	}
	return back, err
}
