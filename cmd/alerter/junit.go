package main

import (
	"encoding/xml"
	"strings"
	"unicode"
)

// The elements of JUnit's XML that build servers read.
// https://github.com/testmoapp/junitxml
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name      string         `xml:"name,attr"`
		ClassName string         `xml:"classname,attr"`
		Failures  []junitFailure `xml:"failure"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// junit writes the results of rule tests as JUnit XML, one suite a file.
func junit(files []testedFile) []byte {
	var all junitSuites
	for _, f := range files {
		suite := junitSuite{Name: f.File, Tests: len(f.Tests)}
		for _, t := range f.Tests {
			c := junitCase{Name: printable(t.Name), ClassName: f.File}
			for _, each := range t.Failures {
				c.Failures = append(c.Failures, junitFailure{Message: printable(each.What), Text: "\n" + printable(each.Where+"\n"+each.Diff) + "\n"})
			}
			if !t.Passed {
				suite.Failures++
			}
			suite.Cases = append(suite.Cases, c)
		}
		all.Tests += suite.Tests
		all.Failures += suite.Failures
		all.Suites = append(all.Suites, suite)
	}
	b, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		panic("unreachable: plain text can be written as XML: " + err.Error())
	}
	return append([]byte(xml.Header), append(b, '\n')...)
}

// printable leaves out what XML cannot hold.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
}
