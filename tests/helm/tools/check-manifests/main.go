// check-manifests reads YAML documents from standard input and judges them as the API server of
// Kubernetes would: every document is decoded strictly, so that an unknown or repeated field is an
// error, gets its defaults, and is validated; pods must be fit for a namespace that enforces the
// restricted Pod Security Standard. Of the Prometheus Operator's kinds only the fields are judged.
//
// It prints every mistake as "Kind/name: mistake", then the number of documents that it judged.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
)

func main() {
	mistakes, judged, err := judgeAll(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "check-manifests:", err)
		os.Exit(2)
	}
	for _, mistake := range mistakes {
		fmt.Println(mistake)
	}
	fmt.Println(judged, "documents")
	if len(mistakes) > 0 {
		os.Exit(1)
	}
}

func judgeAll(documents io.Reader) (mistakes []string, judged int, err error) {
	if err = monitoringv1.AddToScheme(legacyscheme.Scheme); err != nil {
		return nil, 0, err
	}
	decoder := serializer.NewCodecFactory(legacyscheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
	reader := yaml.NewDocumentDecoder(io.NopCloser(documents))
	for {
		document, err := nextDocument(reader)
		if errors.Is(err, io.EOF) {
			return mistakes, judged, nil
		}
		if err != nil {
			return nil, 0, err
		}
		if isEmpty(document) {
			continue
		}
		judged++
		mistakes = append(mistakes, judge(decoder, document)...)
	}
}

func judge(decoder runtime.Decoder, document []byte) []string {
	object, kind, err := decoder.Decode(document, nil, nil)
	if err != nil {
		return []string{fmt.Sprintf("%v: %v", kind, err)}
	}
	where := kind.Kind + "/" + nameOf(object) + ": "
	var mistakes []string
	errs, err := validate(object)
	if err != nil {
		return []string{where + err.Error()}
	}
	for _, mistake := range errs {
		mistakes = append(mistakes, where+mistake.Error())
	}
	for _, mistake := range forbiddenByPodSecurity(object) {
		mistakes = append(mistakes, where+mistake)
	}
	return mistakes
}

func nameOf(object runtime.Object) string {
	accessor, err := meta.Accessor(object)
	if err != nil {
		return "?"
	}
	return accessor.GetName()
}

// nextDocument returns the next document whole, however long it is.
func nextDocument(reader io.Reader) ([]byte, error) {
	var document bytes.Buffer
	buffer := make([]byte, 1<<20)
	for {
		count, err := reader.Read(buffer)
		document.Write(buffer[:count])
		if !errors.Is(err, io.ErrShortBuffer) {
			return document.Bytes(), err
		}
	}
}

// isEmpty tells whether a document has nothing but comments, as a template leaves it that renders nothing.
func isEmpty(document []byte) bool {
	for _, line := range bytes.Split(document, []byte("\n")) {
		line = bytes.TrimSpace(line)
		if len(line) > 0 && line[0] != '#' && !bytes.Equal(line, []byte("---")) {
			return false
		}
	}
	return true
}
