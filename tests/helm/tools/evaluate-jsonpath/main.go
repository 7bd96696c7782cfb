// evaluate-jsonpath PATH reads a JSON document from standard input and prints what is at PATH, by the
// library with which json_exporter evaluates its paths, and set up as there: a member that is missing
// is an error.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"k8s.io/client-go/util/jsonpath"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: evaluate-jsonpath PATH <DOCUMENT")
		os.Exit(2)
	}
	if err := evaluate(os.Args[1], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "evaluate-jsonpath:", err)
		os.Exit(1)
	}
}

func evaluate(path string, document io.Reader, output io.Writer) error {
	parsed := jsonpath.New(path)
	if err := parsed.Parse(path); err != nil {
		return err
	}
	text, err := io.ReadAll(document)
	if err != nil {
		return err
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return err
	}
	return parsed.Execute(output, value)
}
