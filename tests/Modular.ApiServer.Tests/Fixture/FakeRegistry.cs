using System.Diagnostics.CodeAnalysis;

namespace Modular.ApiServer.Tests;

/// <summary>A registry whose kinds a test sets.</summary>
internal sealed class FakeRegistry : IResourceRegistry
{
    public long Generation { get; private set; } = 1;

    public IReadOnlyList<ResourceDefinition> All { get; private set; } = [Widgets.Definition, Widgets.Namespaces, Widgets.OldWidgets];

    public void Set(params ResourceDefinition[] definitions)
    {
        All = definitions;
        Generation++;
    }

    public bool TryGet(GroupVersionResource resource, [MaybeNullWhen(false)] out ResourceDefinition definition) =>
        (definition = All.FirstOrDefault(d => d.Resource == resource)) is not null;

    public bool TryGet(GroupVersionKind kind, [MaybeNullWhen(false)] out ResourceDefinition definition) =>
        (definition = All.FirstOrDefault(d => d.Kind == kind)) is not null;
}
