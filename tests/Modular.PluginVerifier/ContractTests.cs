using Modular.Abstractions;

namespace Modular.PluginVerifier;

/// <summary>The tests of a contract, by the place the plugin runs in.</summary>
internal sealed record ContractTests(string Contract, IReadOnlyDictionary<PluginPlace, Type> Classes)
{
    public static ContractTests Of<TContract>(Type inProcess, Type ownProcess) => new(
        ((ContractAttribute)Attribute.GetCustomAttribute(typeof(TContract), typeof(ContractAttribute))!).Name,
        new Dictionary<PluginPlace, Type> { [PluginPlace.InProcess] = inProcess, [PluginPlace.OwnProcess] = ownProcess });
}
