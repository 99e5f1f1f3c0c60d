import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { textOf } from "#notation/csharp/evaluate.test-helper.ts";

/** A body of statements that has `d`, a document made of the XML, and gives a text. */
function over(xml: string, statements: string): string {
  return `@{ var d = new XmlDocument(); d.LoadXml(@"${xml.replaceAll('"', '""')}"); ${statements} }`;
}

const books = '<b:shop xmlns:b="urn:b"><b:book id="1"><t>One</t></b:book><b:book id="2"><t>Two</t></b:book></b:shop>';
const rows = "<r><i n='1'>a</i><i n='2'>b</i><!--c--><i n='3'>c</i></r>";

/** What System.Xml gives. */
const cases: Readonly<Record<string, readonly (readonly [code: string, text: string])[]>> = {
  XmlDocument: [
    [over(rows, 'return d.DocumentElement.SelectSingleNode("/r/i[2]").InnerText;'), "b"],
    [over(rows, 'return d.SelectSingleNode("//i[@n > 1][last()]/@n").Value;'), "3"],
    [over(rows, 'return d.SelectNodes("//i").Count + d["r"]["i"].InnerText;'), "3a"],
    [
      over(rows, 'var s = ""; foreach (XmlNode n in d.SelectNodes("r/node()")) s += n.Name + ","; return s;'),
      "i,i,#comment,i,",
    ],
    [over(rows, 'return string.Join("", d.SelectNodes("r/i").Cast<XmlNode>().Select(n => n.InnerText));'), "abc"],
    [
      over(
        rows,
        'return d.DocumentElement.ChildNodes[1].Attributes["n"].Value + d.DocumentElement.FirstChild.NextSibling.InnerXml;',
      ),
      "2b",
    ],
    [over(rows, 'return d.SelectSingleNode("/r/x") == null;'), "True"],
    [
      over(rows, 'return d.SelectSingleNode("/r/x").InnerText;'),
      "! Object reference not set to an instance of an object.",
    ],
    [
      over(
        rows,
        'return d.GetElementsByTagName("i").Count + ((XmlElement)d.GetElementsByTagName("i")[0]).GetAttribute("n");',
      ),
      "31",
    ],
    [
      over(rows, "return d.DocumentElement.NodeType + d.NodeType.ToString() + d.DocumentElement.OwnerDocument.Name;"),
      "ElementDocument#document",
    ],
    [
      over(
        books,
        'return d.SelectNodes("//book").Count + d.GetElementsByTagName("b:book").Count + d.GetElementsByTagName("book", "urn:b").Count;',
      ),
      "4",
    ],
    [
      over(
        books,
        'var m = new XmlNamespaceManager(d.NameTable); m.AddNamespace("x", "urn:b"); return d.SelectSingleNode("/x:shop/x:book[@id=\'2\']/t", m).InnerText;',
      ),
      "Two",
    ],
    [over(books, 'return d.SelectSingleNode("//x:book");'), "! Invalid XPath: the prefix 'x' is not declared."],
    [
      over(books, "return d.SelectSingleNode(\"//*[local-name()='book'][1]\").OuterXml;"),
      '<b:book id="1" xmlns:b="urn:b"><t>One</t></b:book>',
    ],
    [
      over("<?xml version='1.0'?><a> <b/><c></c></a>", "return d.OuterXml;"),
      '<?xml version="1.0"?><a><b /><c></c></a>',
    ],
    [
      over(
        "<a/>",
        'var e = d.CreateElement("b"); e.InnerText = "<&"; e.SetAttribute("k", "\\""); d.DocumentElement.AppendChild(e); return d.OuterXml;',
      ),
      '<a><b k="&quot;">&lt;&amp;</b></a>',
    ],
    [
      over(
        "<a><b/></a>",
        'd.DocumentElement.InnerXml = "<c>x</c>y"; d.DocumentElement.RemoveChild(d.DocumentElement.FirstChild); return d.InnerXml;',
      ),
      "<a>y</a>",
    ],
    [
      over("<a/>", "d.DocumentElement.AppendChild(d.DocumentElement); return 1;"),
      "! Cannot insert a node or any ancestor of that node as a child of itself.",
    ],
    [
      over("<a/>", 'd.AppendChild(d.CreateElement("b")); return 1;'),
      "! This document already has a 'DocumentElement' node.",
    ],
    [over("<a/>", 'return d.CreateElement("a b").Name;'), "! The name 'a b' cannot be one of XML."],
    [
      over('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "return 1;"),
      "! For security reasons DTD is prohibited in this XML document.",
    ],
    [
      over('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "return 1;"),
      "! For security reasons DTD is prohibited in this XML document.",
    ],
    [over("<a>&x;</a>", "return 1;"), "! 1:6: undefined entity."],
    [over("<a>".repeat(300) + "</a>".repeat(300), "return 1;"), "! The document is nested too deeply."],
  ],
  XPath: [
    [
      over(
        rows,
        'return string.Join(",", d.SelectNodes("//i[last()]/preceding-sibling::i/@n | //i[1]/following::i/@n").Cast<XmlNode>().Select(n => n.Value));',
      ),
      "1,2,3",
    ],
    [
      over(
        rows,
        "return d.SelectNodes(\"//i[position() mod 2 = 1]\").Count + d.SelectNodes(\"//i[. = 'a' or starts-with(., 'c')]\").Count;",
      ),
      "4",
    ],
    [
      over(
        rows,
        'return d.SelectSingleNode("(//i)[position() = count(//i)]").InnerText + d.SelectSingleNode("//i/ancestor::*").Name;',
      ),
      "cr",
    ],
    [
      over(
        rows,
        "return d.SelectNodes(\"//i[substring('12345', 1.5, 2.6) = '234' and round(-0.5) = 0 and number('x') != number('x')]\").Count;",
      ),
      "3",
    ],
    [
      over(
        rows,
        "return d.SelectNodes(\"//i[sum(/r/i/@n) = 6 and translate('bar', 'abc', 'AB') = 'BAr' and normalize-space(' a  b ') = 'a b']\").Count;",
      ),
      "3",
    ],
    [over(rows, 'return d.SelectNodes("count(//i)").Count;'), "! Expression must evaluate to a node-set."],
    [over(rows, 'return d.SelectNodes("//i[").Count;'), "! Invalid XPath: the path ends too early."],
    [
      over(rows, "return d.SelectNodes(\"document('/etc/passwd')\").Count;"),
      "! Invalid XPath: there is no function 'document'.",
    ],
    [
      over(rows, `return d.SelectNodes("${"(".repeat(500)}1${")".repeat(500)}").Count;`),
      "! Invalid XPath: the path is nested too deeply.",
    ],
    [
      over(`<a>${"<b/>".repeat(2000)}</a>`, 'return d.SelectNodes("//b[count(//b) > 1]").Count;'),
      "! the expression takes too many steps",
    ],
    ['XElement.Parse("<a><b k=\\"1\\"/><b k=\\"2\\">x</b></a>").XPathSelectElement("b[@k=2]").Value', "x"],
    ['XDocument.Parse("<a><b/><b/></a>").XPathSelectElements("/a/b").Count()', "2"],
  ],
  XmlReader: [
    [
      '@{ var s = ""; using (XmlReader r = XmlReader.Create(new StringReader("<a x=\\"1\\"><b>t</b><c/></a>"))) { while (r.Read()) s += r.NodeType + ":" + r.Name + r.Value + r.Depth + " "; } return s; }',
      "Element:a0 Element:b1 Text:t2 EndElement:b1 Element:c1 EndElement:a0 ",
    ],
    [
      '@{ var r = XmlReader.Create(new StringReader("<a><b>1</b><c><d>2</d></c></a>")); r.MoveToContent(); r.ReadToDescendant("d"); return r.ReadElementContentAsString() + r.Name; }',
      "2c",
    ],
    [
      '@{ var r = XmlReader.Create(new StringReader("<a><b>1</b>t<d>2</d></a>")); r.MoveToContent(); r.Read(); var e = XNode.ReadFrom(r) as XElement; return e.Value + r.NodeType + r.EOF; }',
      "1TextFalse",
    ],
    [
      '@{ var r = XmlReader.Create(new StringReader("<a k=\\"v\\"><b/></a>"), new XmlReaderSettings { DtdProcessing = DtdProcessing.Parse }); r.ReadToFollowing("a"); return r["k"] + r.GetAttribute("x") + r.ReadInnerXml() + r.EOF; }',
      "v<b />True",
    ],
    [
      '@{ var r = XmlReader.Create(new StringReader("<!DOCTYPE a [<!ENTITY x \\"y\\">]><a/>"), new XmlReaderSettings { DtdProcessing = DtdProcessing.Parse }); r.Read(); return 1; }',
      "! For security reasons DTD is prohibited in this XML document.",
    ],
  ],
};

for (const [name, list] of Object.entries(cases)) {
  describe(name, () => {
    for (const [code, text] of list) it(code.slice(0, 160), () => assert.equal(textOf(code), text));
  });
}
