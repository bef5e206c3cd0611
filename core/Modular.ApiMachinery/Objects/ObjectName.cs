namespace Modular.ApiMachinery;

/// <summary>Where an object lives: its namespace (empty for cluster-scoped kinds) and its name.</summary>
public readonly record struct ObjectName(string Namespace, string Name)
{
    /// <summary><c>namespace/name</c>, or the bare name of a cluster-scoped object.</summary>
    public override string ToString() => Namespace.Length == 0 ? Name : $"{Namespace}/{Name}";
}
