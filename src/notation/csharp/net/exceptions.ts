import type { TypeTable } from "#notation/csharp/type/type-def.ts";
import { NetException } from "#notation/csharp/value/net-exception.ts";

interface Family {
  readonly name: string;
  readonly namespace: string;
  readonly base: string;
  readonly message: string;
}

const families: readonly Family[] = [
  ["SystemException", "System", "Exception", "System error."],
  ["ApplicationException", "System", "Exception", "Error in the application."],
  ["ArgumentException", "System", "SystemException", "Value does not fall within the expected range."],
  ["FormatException", "System", "SystemException", "One of the identified items was in an invalid format."],
  ["UriFormatException", "System", "FormatException", "Invalid URI."],
  ["InvalidCastException", "System", "SystemException", "Specified cast is not valid."],
  [
    "InvalidOperationException",
    "System",
    "SystemException",
    "Operation is not valid due to the current state of the object.",
  ],
  ["NullReferenceException", "System", "SystemException", "Object reference not set to an instance of an object."],
  ["IndexOutOfRangeException", "System", "SystemException", "Index was outside the bounds of the array."],
  ["ArithmeticException", "System", "SystemException", "Overflow or underflow in the arithmetic operation."],
  ["OverflowException", "System", "ArithmeticException", "Arithmetic operation resulted in an overflow."],
  ["DivideByZeroException", "System", "ArithmeticException", "Attempted to divide by zero."],
  ["NotSupportedException", "System", "SystemException", "Specified method is not supported."],
  ["NotImplementedException", "System", "SystemException", "The method or operation is not implemented."],
  ["TimeoutException", "System", "SystemException", "The operation has timed out."],
  ["UnauthorizedAccessException", "System", "SystemException", "Attempted to perform an unauthorized operation."],
  [
    "KeyNotFoundException",
    "System.Collections.Generic",
    "SystemException",
    "The given key was not present in the dictionary.",
  ],
  [
    "CryptographicException",
    "System.Security.Cryptography",
    "SystemException",
    "Error occurred during a cryptographic operation.",
  ],
  ["XmlException", "System.Xml", "SystemException", "An XML error has occurred."],
  ["XPathException", "System.Xml.XPath", "SystemException", "An XPath error has occurred."],
  ["TimeZoneNotFoundException", "System", "Exception", "The time zone was not found."],
  [
    "RuntimeBinderException",
    "Microsoft.CSharp.RuntimeBinder",
    "Exception",
    "An unexpected exception occurred while binding a dynamic operation.",
  ],
  ["JsonException", "Newtonsoft.Json", "Exception", "JSON error."],
  ["JsonReaderException", "Newtonsoft.Json", "JsonException", "JSON error."],
  ["JsonSerializationException", "Newtonsoft.Json", "JsonException", "JSON error."],
].map(([name = "", namespace = "", base = "", message = ""]) => ({ name, namespace, base, message }));

function table({ name, namespace, base, message }: Family): TypeTable {
  return {
    name,
    namespace,
    kind: "class",
    base,
    construct: {
      "()": () => new NetException(name, message),
      "(string message)": (text: string | null) => new NetException(name, text ?? message),
      "(string message, Exception innerException)": (text: string | null, inner: NetException | null) =>
        new NetException(name, text ?? message, inner),
    },
  };
}

function withParameter(text: string, parameter: string | null): string {
  return parameter === null ? text : `${text} (Parameter '${parameter}')`;
}

const argumentNull: TypeTable = {
  name: "ArgumentNullException",
  namespace: "System",
  kind: "class",
  base: "ArgumentException",
  construct: {
    "()": () => new NetException("ArgumentNullException", "Value cannot be null."),
    "(string paramName)": (name: string | null) =>
      new NetException("ArgumentNullException", withParameter("Value cannot be null.", name)),
    "(string paramName, string message)": (name: string | null, text: string | null) =>
      new NetException("ArgumentNullException", withParameter(text ?? "Value cannot be null.", name)),
  },
};

const range = "Specified argument was out of the range of valid values.";

const argumentOutOfRange: TypeTable = {
  ...argumentNull,
  name: "ArgumentOutOfRangeException",
  construct: {
    "()": () => new NetException("ArgumentOutOfRangeException", range),
    "(string paramName)": (name: string | null) =>
      new NetException("ArgumentOutOfRangeException", withParameter(range, name)),
    "(string paramName, string message)": (name: string | null, text: string | null) =>
      new NetException("ArgumentOutOfRangeException", withParameter(text ?? range, name)),
  },
};

const exception: TypeTable = {
  name: "Exception",
  namespace: "System",
  kind: "class",
  construct: {
    "()": () => new NetException("Exception", "Exception of type 'System.Exception' was thrown."),
    "(string message)": (text: string | null) => new NetException("Exception", text ?? ""),
    "(string message, Exception innerException)": (text: string | null, inner: NetException | null) =>
      new NetException("Exception", text ?? "", inner),
  },
  members: {
    "Message: string": (self: NetException) => self.message,
    "InnerException: Exception": (self: NetException) => self.inner,
    "StackTrace: string": () => "",
    "Source: string": () => "",
    "HResult: int": () => -2146233088,
    "GetBaseException(): Exception": (self: NetException) => baseOf(self),
  },
};

function baseOf(thrown: NetException): NetException {
  let found = thrown;
  while (found.inner !== null) found = found.inner;
  return found;
}

export const exceptionTables: readonly TypeTable[] = [
  exception,
  ...families.map(table),
  argumentNull,
  argumentOutOfRange,
];
