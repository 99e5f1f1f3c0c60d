import type { TypeTable } from "#notation/csharp/type/type-def.ts";

function enumeration(
  namespace: string,
  name: string,
  values: readonly string[] | Readonly<Record<string, number>>,
  isFlags = false,
): TypeTable {
  const numbered: Readonly<Record<string, number>> = Array.isArray(values)
    ? Object.fromEntries(values.map((value: string, index) => [value, index]))
    : (values as Readonly<Record<string, number>>);
  return { name, namespace, kind: "enum", values: numbered, isFlags };
}

const jTokenTypes = [
  "None",
  "Object",
  "Array",
  "Constructor",
  "Property",
  "Comment",
  "Integer",
  "Float",
  "String",
  "Boolean",
  "Null",
  "Undefined",
  "Date",
  "Raw",
  "Bytes",
  "Guid",
  "Uri",
  "TimeSpan",
];

export const jTokenTypeTable: TypeTable = enumeration("Newtonsoft.Json.Linq", "JTokenType", jTokenTypes);
export const dateTimeKindTable: TypeTable = enumeration("System", "DateTimeKind", ["Unspecified", "Utc", "Local"]);
export const dayOfWeekTable: TypeTable = enumeration("System", "DayOfWeek", [
  "Sunday",
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
]);
export const uriHostNameTypeTable: TypeTable = enumeration("System", "UriHostNameType", [
  "Unknown",
  "Basic",
  "Dns",
  "IPv4",
  "IPv6",
]);
export const xmlNodeTypeTable: TypeTable = enumeration("System.Xml", "XmlNodeType", {
  None: 0,
  Element: 1,
  Attribute: 2,
  Text: 3,
  CDATA: 4,
  ProcessingInstruction: 7,
  Comment: 8,
  Document: 9,
  DocumentType: 10,
  DocumentFragment: 11,
  Whitespace: 13,
  SignificantWhitespace: 14,
  EndElement: 15,
  XmlDeclaration: 17,
});
export const dtdProcessingTable: TypeTable = enumeration("System.Xml", "DtdProcessing", [
  "Prohibit",
  "Ignore",
  "Parse",
]);
export const productStateTable: TypeTable = enumeration("", "ProductState", ["NotPublished", "Published"]);

export const cipherModeTable: TypeTable = enumeration("System.Security.Cryptography", "CipherMode", {
  CBC: 1,
  ECB: 2,
  OFB: 3,
  CFB: 4,
  CTS: 5,
});

export const paddingModeTable: TypeTable = enumeration("System.Security.Cryptography", "PaddingMode", {
  None: 1,
  PKCS7: 2,
  Zeros: 3,
  ANSIX923: 4,
  ISO10126: 5,
});

export const mergeArrayHandlingTable: TypeTable = enumeration("Newtonsoft.Json.Linq", "MergeArrayHandling", [
  "Concat",
  "Union",
  "Replace",
  "Merge",
]);
export const mergeNullValueHandlingTable: TypeTable = enumeration(
  "Newtonsoft.Json.Linq",
  "MergeNullValueHandling",
  { Ignore: 0, Merge: 1 },
  true,
);
export const addressFamilyTable: TypeTable = enumeration("System.Net.Sockets", "AddressFamily", {
  Unknown: -1,
  Unspecified: 0,
  InterNetwork: 2,
  InterNetworkV6: 23,
});

export const enumTables: readonly TypeTable[] = [
  jTokenTypeTable,
  mergeArrayHandlingTable,
  mergeNullValueHandlingTable,
  addressFamilyTable,
  dateTimeKindTable,
  dayOfWeekTable,
  uriHostNameTypeTable,
  xmlNodeTypeTable,
  productStateTable,
  enumeration("System", "StringComparison", [
    "CurrentCulture",
    "CurrentCultureIgnoreCase",
    "InvariantCulture",
    "InvariantCultureIgnoreCase",
    "Ordinal",
    "OrdinalIgnoreCase",
  ]),
  enumeration("System", "StringSplitOptions", { None: 0, RemoveEmptyEntries: 1, TrimEntries: 2 }, true),
  enumeration("System", "MidpointRounding", [
    "ToEven",
    "AwayFromZero",
    "ToZero",
    "ToNegativeInfinity",
    "ToPositiveInfinity",
  ]),
  enumeration("System", "Base64FormattingOptions", ["None", "InsertLineBreaks"]),
  enumeration("System", "UriKind", ["RelativeOrAbsolute", "Absolute", "Relative"]),
  enumeration("System", "UriPartial", ["Scheme", "Authority", "Path", "Query"]),
  enumeration(
    "System",
    "UriComponents",
    {
      Scheme: 1,
      UserInfo: 2,
      Host: 4,
      Port: 8,
      Path: 16,
      Query: 32,
      Fragment: 64,
      PathAndQuery: 48,
      SchemeAndServer: 13,
      AbsoluteUri: 127,
      HttpRequestUrl: 61,
    },
    true,
  ),
  enumeration("System", "UriFormat", { UriEscaped: 1, Unescaped: 2, SafeUnescaped: 3 }),
  enumeration(
    "System.Globalization",
    "NumberStyles",
    {
      None: 0,
      AllowLeadingWhite: 1,
      AllowTrailingWhite: 2,
      AllowLeadingSign: 4,
      Integer: 7,
      AllowTrailingSign: 8,
      AllowParentheses: 16,
      AllowDecimalPoint: 32,
      AllowThousands: 64,
      Number: 111,
      AllowExponent: 128,
      Float: 167,
      AllowCurrencySymbol: 256,
      Currency: 383,
      Any: 511,
      AllowHexSpecifier: 512,
      HexNumber: 515,
    },
    true,
  ),
  enumeration(
    "System.Globalization",
    "DateTimeStyles",
    {
      None: 0,
      AllowLeadingWhite: 1,
      AllowTrailingWhite: 2,
      AllowInnerWhite: 4,
      AllowWhiteSpaces: 7,
      NoCurrentDateDefault: 8,
      AdjustToUniversal: 16,
      AssumeLocal: 32,
      AssumeUniversal: 64,
      RoundtripKind: 128,
    },
    true,
  ),
  enumeration("System.Globalization", "TimeSpanStyles", { None: 0, AssumeNegative: 1 }, true),
  enumeration(
    "System.Text.RegularExpressions",
    "RegexOptions",
    {
      None: 0,
      IgnoreCase: 1,
      Multiline: 2,
      ExplicitCapture: 4,
      Compiled: 8,
      Singleline: 16,
      IgnorePatternWhitespace: 32,
      RightToLeft: 64,
      ECMAScript: 256,
      CultureInvariant: 512,
    },
    true,
  ),
  enumeration("System.Text", "NormalizationForm", { FormC: 1, FormD: 2, FormKC: 5, FormKD: 6 }),
  enumeration("Newtonsoft.Json", "Formatting", ["None", "Indented"]),
  enumeration("Newtonsoft.Json", "NullValueHandling", ["Include", "Ignore"]),
  enumeration("Newtonsoft.Json", "DateParseHandling", ["None", "DateTime", "DateTimeOffset"]),
  dtdProcessingTable,
  enumeration("System.Xml.Linq", "SaveOptions", { None: 0, DisableFormatting: 1, OmitDuplicateNamespaces: 2 }, true),
  enumeration("System.Xml.Linq", "LoadOptions", { None: 0, PreserveWhitespace: 1 }, true),
  cipherModeTable,
  paddingModeTable,
  enumeration("System.Security.Cryptography.X509Certificates", "X509NameType", [
    "SimpleName",
    "EmailName",
    "UpnName",
    "DnsName",
    "DnsFromAlternativeName",
    "UrlName",
  ]),
  enumeration("System.Security.Cryptography.X509Certificates", "X509ContentType", {
    Unknown: 0,
    Cert: 1,
    SerializedCert: 2,
    Pfx: 3,
    Pkcs12: 3,
    SerializedStore: 4,
    Pkcs7: 5,
  }),
  enumeration(
    "System.Security.Cryptography.X509Certificates",
    "X509KeyStorageFlags",
    {
      DefaultKeySet: 0,
      UserKeySet: 1,
      MachineKeySet: 2,
      Exportable: 4,
      UserProtected: 8,
      PersistKeySet: 16,
      EphemeralKeySet: 32,
    },
    true,
  ),
];
