namespace Mandos.Architecture.Tests;

/// <summary>A type that is not nested: its namespace and its name.</summary>
internal readonly record struct TypeName(string Namespace, string Name);
