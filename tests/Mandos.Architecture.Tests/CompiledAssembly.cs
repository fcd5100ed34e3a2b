using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Mandos.Architecture.Tests;

/// <summary>What each type of an assembly refers to, as it was compiled: in its bases, signatures, fields and instructions.</summary>
internal sealed class CompiledAssembly : IDisposable
{
    private readonly PEReader _file;
    private readonly MetadataReader _reader;
    private readonly TypeReferences _references;

    public CompiledAssembly(string path)
    {
        _file = new PEReader(File.OpenRead(path));
        _reader = _file.GetMetadataReader();
        _references = new TypeReferences(_reader);
    }

    public void Dispose() => _file.Dispose();

    public IEnumerable<string> ReferencedAssemblies() =>
        _reader.AssemblyReferences.Select(handle => _reader.GetString(_reader.GetAssemblyReference(handle).Name));

    /// <summary>All types that are not nested.</summary>
    public IEnumerable<TypeName> Types() => _reader.TypeDefinitions.Select(_references.OutermostName).Distinct();

    /// <summary>Each type, with those of the same assembly that it and the types nested in it refer to.</summary>
    public IEnumerable<(TypeName Type, TypeName Target)> References()
    {
        foreach (var handle in _reader.TypeDefinitions)
        {
            var type = _references.OutermostName(handle);
            AddType(_reader.GetTypeDefinition(handle));
            foreach (var target in _references.Take())
                yield return (type, target);
        }
    }

    private void AddType(TypeDefinition type)
    {
        AddIfAny(type.BaseType);
        foreach (var handle in type.GetInterfaceImplementations())
            AddIfAny(_reader.GetInterfaceImplementation(handle).Interface);

        AddConstraints(type.GetGenericParameters());
        foreach (var handle in type.GetFields())
            _references.AddHandle(handle);

        foreach (var handle in type.GetMethods())
            AddMethod(handle);
    }

    private void AddMethod(MethodDefinitionHandle handle)
    {
        _references.AddHandle(handle);
        var method = _reader.GetMethodDefinition(handle);
        AddConstraints(method.GetGenericParameters());
        if (method.RelativeVirtualAddress == 0)
            return;

        var body = _file.GetMethodBody(method.RelativeVirtualAddress);
        AddIfAny(body.LocalSignature);
        foreach (var region in body.ExceptionRegions)
            AddIfAny(region.CatchType);

        foreach (var token in MethodTokens.In(body))
            AddIfAny(token);
    }

    private void AddConstraints(GenericParameterHandleCollection parameters)
    {
        foreach (var constraint in parameters.SelectMany(handle => _reader.GetGenericParameter(handle).GetConstraints()))
            AddIfAny(_reader.GetGenericParameterConstraint(constraint).Type);
    }

    private void AddIfAny(EntityHandle handle)
    {
        if (!handle.IsNil)
            _references.AddHandle(handle);
    }
}
